"""Poolings whose result has a given size, whatever the input's: adaptive, global, pyramids."""

from __future__ import annotations

from typing import Any

from descend.engine import ShapeError, Tensor, UsageError, as_tensor, ops
from descend.nn import checks
from descend.nn.module import Module

Target = int | tuple[int | None, ...] | None


class _Adaptive(Module):
    """One value for each of `output_size` windows, from floor(i old / new) to ceil((i + 1) old / new).

    `output_size` is one number, or one an axis; None leaves an axis as it is. Shapes: (n, c, *old) to
    (n, c, *output_size).
    """

    d = 2

    def __init__(self, output_size: Target) -> None:
        each = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * self.d
        name = type(self).__name__
        if len(each) != self.d:
            raise UsageError(
                f"{name} needs one size, or one an axis", given=f"output_size={output_size!r}",
                needed=f"1 or {self.d} numbers", fix="None leaves an axis as it is",
            )  # fmt: skip
        checks.counts(name, **{f"output_size[{i}]": n for i, n in enumerate(each) if n is not None})
        self.output_size = tuple(each)

    def _images(self, x: Any) -> Tensor:
        tensor: Tensor = as_tensor(x)
        if tensor.ndim != self.d + 2:
            raise ShapeError(
                f"pooling of {self.d} axes needs examples and channels before them", given=str(tensor.shape),
                needed=f"{self.d + 2} axes",
                fix="pool before flattening; one image: x[None]; images without channels: x[:, None]",
            )  # fmt: skip
        return tensor

    def described(self) -> str:
        """The size of the result."""
        return str(self.output_size[0] if len(set(self.output_size)) == 1 else self.output_size)


class _AdaptiveAvg(_Adaptive):
    def forward(self, x: Tensor) -> Tensor:
        """The mean over each window."""
        return ops.adaptive_avg_pool(self._images(x), self.output_size)


class _AdaptiveMax(_Adaptive):
    def forward(self, x: Tensor) -> Tensor:
        """The largest value in each window."""
        return ops.adaptive_max_pool(self._images(x), self.output_size)


class AdaptiveAvgPool1d(_AdaptiveAvg):
    """Means over windows that make (n, c, output_size) of sequences (n, c, t)."""

    d = 1


class AdaptiveAvgPool2d(_AdaptiveAvg):
    """Means over windows that make (n, c, *output_size) of images (n, c, h, w)."""


class AdaptiveAvgPool3d(_AdaptiveAvg):
    """Means over windows that make (n, c, *output_size) of volumes (n, c, d, h, w)."""

    d = 3


class AdaptiveMaxPool1d(_AdaptiveMax):
    """Maxima of windows that make (n, c, output_size) of sequences (n, c, t)."""

    d = 1


class AdaptiveMaxPool2d(_AdaptiveMax):
    """Maxima of windows that make (n, c, *output_size) of images (n, c, h, w)."""


class AdaptiveMaxPool3d(_AdaptiveMax):
    """Maxima of windows that make (n, c, *output_size) of volumes (n, c, d, h, w)."""

    d = 3


class GlobalPool(Module):
    """The mean, maximum or sum of each channel over all its places: (n, c, ...) to (n, c).

    Raises: ShapeError for an input without places, UsageError for another `mode`.
    Source: Lin et al. 2013, arXiv:1312.4400, section 3.2.
    """

    def __init__(self, mode: str = "mean") -> None:
        self.mode = checks.one_of("GlobalPool", "mode", mode, ("mean", "max", "sum"))

    def forward(self, x: Tensor) -> Tensor:
        """One number a channel."""
        x = as_tensor(x)
        if x.ndim < 3:
            raise ShapeError("there are no places to pool over", given=str(x.shape), needed="(n, c, ...)",
                             fix="pool before flattening")  # fmt: skip
        axes = tuple(range(2, x.ndim))
        return {"mean": ops.mean, "max": ops.max, "sum": ops.sum}[self.mode](x, axes)

    def described(self) -> str:
        """What is taken over the places."""
        return self.mode


class SpatialPyramidPool(Module):
    """Poolings into 1 x 1, 2 x 2, 4 x 4 ... windows side by side: one vector for images of any size.

    Shapes: (n, c, h, w) to (n, c (l1² + l2² + ...)) for levels l1, l2, ...: channels first within a level.
    Raises: UsageError for levels that are no whole numbers, ShapeError for other inputs.
    Source: He et al. 2014, arXiv:1406.4729, section 2.2.
    """

    def __init__(self, levels: tuple[int, ...] = (1, 2, 4), mode: str = "max") -> None:
        self.levels = checks.lengths("SpatialPyramidPool", "levels", levels)
        self.mode = checks.one_of("SpatialPyramidPool", "mode", mode, ("max", "mean"))

    def forward(self, x: Tensor) -> Tensor:
        """All levels in one row."""
        x = as_tensor(x)
        if x.ndim != 4:
            raise ShapeError("a pyramid is made of images", given=str(x.shape), needed="(n, c, h, w)",
                             fix="add the channel axis with x[:, None]")  # fmt: skip
        pool = ops.adaptive_max_pool if self.mode == "max" else ops.adaptive_avg_pool
        return ops.concat([pool(x, level).reshape(x.shape[0], x.shape[1] * level**2) for level in self.levels], 1)

    def described(self) -> str:
        """The levels and what is taken in each window."""
        return f"{self.levels}, {self.mode}"
