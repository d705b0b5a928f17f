"""The convolutional layer."""

from __future__ import annotations

from descend.engine import Generator, Tensor, ops
from descend.engine.ops import Window
from descend.nn import checks, init
from descend.nn.module import Module, Parameter
from descend.nn.window import shown

Size = int | tuple[int, int]


class Conv2d(Module):
    """Convolution (cross-correlation, as everywhere in deep learning) of images with learned kernels.

    Shapes: x (n, in_channels, h, w); weight (out_channels, in_channels, kh, kw), bias (out_channels,);
    y (n, out_channels, (h + 2 padding - kh) // stride + 1, ...). Sizes are one number or (rows, columns), in
    pixels. Weights begin uniform on ±1/sqrt(in_channels kh kw), as in PyTorch.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Size, stride: Size = 1, padding: Size = 0,
        *, bias: bool = True, generator: Generator | None = None,
    ) -> None:  # fmt: skip
        checks.counts("Conv2d", in_channels=in_channels, out_channels=out_channels)
        kernel = checks.pair("Conv2d", "kernel_size", kernel_size)
        padded = checks.pair("Conv2d", "padding", padding, least=0)
        self.window = Window(checks.pair("Conv2d", "stride", stride), padded)
        self.weight = Parameter(init.lecun_uniform((out_channels, in_channels, *kernel), generator))
        bound = init.fans(self.weight.shape)[0] ** -0.5
        self.bias = Parameter(init.uniform((out_channels,), bound, generator)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """The image seen by every kernel at every place, plus the bias."""
        y = ops.conv2d(x, self.weight, self.window)
        return y if self.bias is None else y + self.bias.reshape(1, -1, 1, 1)

    def described(self) -> str:
        """The channels in and out, and the window."""
        n_out, n_in, *kernel = self.weight.shape
        text = f"{n_in} -> {n_out}, {shown((kernel[0], kernel[1]), self.window, usual_stride=(1, 1))}"
        return text if self.bias is not None else f"{text}, no bias"
