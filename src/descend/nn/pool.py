"""Pooling layers."""

from __future__ import annotations

from descend.engine import Tensor, ops
from descend.engine.ops import Window
from descend.nn import checks
from descend.nn.module import Module

Size = int | tuple[int, int]


class _Pool2d(Module):
    """A window of `kernel_size` pixels that moves by `stride` (its own size if not given)."""

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        name = type(self).__name__
        self.kernel = checks.pair(name, "kernel_size", kernel_size)
        step = self.kernel if stride is None else checks.pair(name, "stride", stride)
        self.window = Window(step, checks.pair(name, "padding", padding, least=0))

    def described(self) -> str:
        """The window and its stride."""
        return f"kernel {self.kernel}, stride {self.window.stride}"


class MaxPool2d(_Pool2d):
    """The largest value in each window. Shapes: (n, c, h, w) to (n, c, (h - kh) // stride + 1, ...)."""

    def forward(self, x: Tensor) -> Tensor:
        """The largest value in each window."""
        return ops.max_pool2d(x, self.kernel, self.window)


class AvgPool2d(_Pool2d):
    """The mean over each window, padding counted as zeros. Shapes as for `MaxPool2d`."""

    def forward(self, x: Tensor) -> Tensor:
        """The mean over each window."""
        return ops.avg_pool2d(x, self.kernel, self.window)
