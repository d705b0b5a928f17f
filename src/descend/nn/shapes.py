"""Layers that only rearrange: nothing, axes merged, an axis split."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from descend.engine import ShapeError, Tensor, UsageError, as_tensor
from descend.nn.module import Module


class Identity(Module):
    """The input as it is. Takes any settings, so that it can stand in for another layer."""

    def __init__(self, *settings: Any, **named: Any) -> None:  # noqa: ARG002  for another layer's sake
        return

    def forward(self, x: Any) -> Any:
        """The input."""
        return x


class Flatten(Module):
    """The axes from start_axis to end_axis merged into one: by default (n, ...) to (n, d).

    Raises: ShapeError for an input without these axes.
    Differs: from PyTorch in the names, which end in `dim` there.
    """

    def __init__(self, start_axis: int = 1, end_axis: int = -1) -> None:
        self.start_axis, self.end_axis = start_axis, end_axis

    def forward(self, x: Tensor) -> Tensor:
        """By default one row an example."""
        x = as_tensor(x)
        if (self.start_axis, self.end_axis) == (1, -1) and x.ndim > 1:
            return x.flatten(1)
        start, end = (axis + x.ndim if axis < 0 else axis for axis in (self.start_axis, self.end_axis))
        if not 0 <= start <= end < x.ndim:
            raise self._refusal(x.shape)
        return x.reshape(*x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :])

    def _refusal(self, shape: tuple[int, ...]) -> ShapeError:
        if (self.start_axis, self.end_axis) == (1, -1):
            return ShapeError(
                "a batch has an axis of examples and one of features at least", given=str(shape), needed="(n, ...)",
                fix="one example: x[None]; one feature an example: x[:, None]",
            )  # fmt: skip
        return ShapeError(
            "these axes are not there", given=f"axes {self.start_axis} to {self.end_axis} of shape {shape}",
            needed="a first axis and a last one that is not before it", fix="axes count from 0, or -1 from the end",
        )  # fmt: skip

    def described(self) -> str:
        """The axes, unless they are the usual ones."""
        usual = (self.start_axis, self.end_axis) == (1, -1)
        return "" if usual else f"start_axis={self.start_axis}, end_axis={self.end_axis}"


class Unflatten(Module):
    """One axis split into several: undoes `Flatten`.

    Raises: ShapeError for an axis that is not there or does not have the product of the lengths.
    """

    def __init__(self, axis: int, unflattened_size: Sequence[int]) -> None:
        if not isinstance(unflattened_size, (tuple, list)) or not unflattened_size:
            raise UsageError(
                "Unflatten needs the lengths of the new axes", given=f"unflattened_size={unflattened_size!r}",
                needed="a tuple, like (2, 3)", fix="one of them may be -1",
            )  # fmt: skip
        self.axis, self.unflattened_size = axis, tuple(unflattened_size)

    def forward(self, x: Tensor) -> Tensor:
        """The same elements with more axes."""
        x = as_tensor(x)
        if not -x.ndim <= self.axis < x.ndim:
            raise ShapeError(
                f"there is no axis {self.axis} to split",
                given=str(x.shape),
                needed=f"an axis from {-x.ndim} to {x.ndim - 1}",
                fix="axes count from 0",
            )
        place = self.axis % x.ndim
        return x.reshape(*x.shape[:place], *self.unflattened_size, *x.shape[place + 1 :])

    def described(self) -> str:
        """The axis and its new lengths."""
        return f"axis={self.axis}, unflattened_size={self.unflattened_size}"
