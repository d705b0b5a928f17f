"""Windows laid out as columns, and columns added back into images."""

from __future__ import annotations

from descend.engine import Tensor, as_tensor, ops
from descend.nn import checks
from descend.nn.conv import Size
from descend.nn.module import Module
from descend.nn.window import shown


class _Windows(Module):
    """A window that moves over images."""

    def __init__(self, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1) -> None:
        name = type(self).__name__
        self.kernel = checks.sizes(name, "kernel_size", kernel_size, 2)
        self.window = ops.sliding(
            self.kernel, checks.sizes(name, "stride", stride, 2), checks.sizes(name, "padding", padding, 2, least=0),
            checks.sizes(name, "dilation", dilation, 2),
        )  # fmt: skip

    def described(self) -> str:
        """The window."""
        return shown(self.kernel, self.window, usual_stride=(1, 1))


class Unfold(_Windows):
    """Every window of images as a column: (n, c, h, w) to (n, c kh kw, places). Raises: ShapeError."""

    def forward(self, x: Tensor) -> Tensor:
        """The windows as columns."""
        return ops.unfold(as_tensor(x), self.kernel, self.window)


class Fold(_Windows):
    """Columns added into images where `Unfold` cut them out: (n, c kh kw, places) to (n, c, *output_size).

    It is the adjoint of `Unfold`, not its inverse: where windows overlap, values add up. Raises: ShapeError.
    """

    def __init__(
        self, output_size: Size, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
    ) -> None:
        super().__init__(kernel_size, dilation, padding, stride)
        self.output_size = checks.sizes("Fold", "output_size", output_size, 2)

    def forward(self, x: Tensor) -> Tensor:
        """The images that the columns add up to."""
        return ops.fold(as_tensor(x), self.output_size, self.kernel, self.window)

    def described(self) -> str:
        """The size of the images, and the window."""
        return f"{self.output_size}, {super().described()}"
