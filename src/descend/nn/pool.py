"""Pooling layers."""

from __future__ import annotations

from descend.engine import Tensor, UsageError, ops
from descend.engine.ops import Window
from descend.nn import checks
from descend.nn.module import Module
from descend.nn.window import shown

Size = int | tuple[int, int]


class _Pool2d(Module):
    """A window of `kernel_size` pixels that moves by `stride` (its own size if not given)."""

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        name = type(self).__name__
        self.kernel = checks.pair(name, "kernel_size", kernel_size)
        step = self.kernel if stride is None else checks.pair(name, "stride", stride)
        self.window = Window(step, checks.pair(name, "padding", padding, least=0))
        if any(2 * p > k for p, k in zip(self.window.padding, self.kernel, strict=True)):
            raise UsageError(
                f"a window of {name} could lie wholly in the padding", given=f"kernel {self.kernel}, padding {padding}",
                needed="padding of at most half the kernel",
            )  # fmt: skip

    def described(self) -> str:
        """The window and its stride."""
        return shown(self.kernel, self.window)


class MaxPool2d(_Pool2d):
    """The largest value in each window. Shapes: (n, c, h, w) to (n, c, (h + 2 padding - kh) // stride + 1, ...)."""

    def forward(self, x: Tensor) -> Tensor:
        """The largest value in each window; the padding never wins."""
        return ops.max_pool2d(x, self.kernel, self.window)


class AvgPool2d(_Pool2d):
    """The mean over each window, padding counted as zeros. Shapes as for `MaxPool2d`."""

    def forward(self, x: Tensor) -> Tensor:
        """The mean over each window."""
        return ops.avg_pool2d(x, self.kernel, self.window)
