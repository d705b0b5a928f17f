"""Activations, and the reshaping between convolutions and linear layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from descend.engine import ShapeError, Tensor, as_tensor, ops
from descend.nn.module import Module


class _Elementwise(Module):
    """A function of each element, without parameters."""

    function: Callable[[Any], Tensor]

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        return self.function(x)


class ReLU(_Elementwise):
    """max(x, 0)."""

    function = staticmethod(ops.relu)


class Tanh(_Elementwise):
    """tanh(x)."""

    function = staticmethod(ops.tanh)


class Sigmoid(_Elementwise):
    """1 / (1 + exp(-x))."""

    function = staticmethod(ops.sigmoid)


class Softmax(Module):
    """exp(x) / sum(exp(x)) along an axis.

    A network that is trained with `cross_entropy` ends without it: that loss takes the logits.
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """Probabilities along the axis."""
        return ops.softmax(x, self.axis)

    def described(self) -> str:
        """The axis."""
        return f"axis={self.axis}"


class Flatten(Module):
    """(n, ...) to (n, d): all axes but the first merged. Raises: ShapeError for less than two axes."""

    def forward(self, x: Tensor) -> Tensor:
        """One row an example."""
        x = as_tensor(x)
        if x.ndim < 2:
            raise ShapeError(
                "a batch has an axis of examples and one of features at least", given=str(x.shape), needed="(n, ...)",
                fix="one example: x[None]; one feature an example: x[:, None]",
            )  # fmt: skip
        return x.flatten(1)
