"""Transposed convolutions: from small images to large ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypedDict, Unpack

from descend.engine import Generator, Tensor, as_tensor, ops
from descend.nn import checks, init
from descend.nn.conv import Size, grouped
from descend.nn.module import Module, Parameter
from descend.nn.precision import like
from descend.nn.settings import chosen
from descend.nn.window import shown


class Settings(TypedDict, total=False):
    """What is given to a transposed convolution by name."""

    output_padding: Size
    groups: int
    bias: bool
    dilation: Size
    generator: Generator | None


_USUAL = {"output_padding": 0, "groups": 1, "bias": True, "dilation": 1, "generator": None}


class _ConvTranspose(Module):
    """The gradient of a convolution in its input, used forwards."""

    d = 2
    function: Callable[..., Tensor]

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Size, stride: Size = 1, padding: Size = 0,
        **settings: Unpack[Settings],
    ) -> None:  # fmt: skip
        name, d = type(self).__name__, self.d
        found = chosen(name, _USUAL, settings)
        self.groups = found["groups"]
        grouped(name, in_channels, out_channels, self.groups)
        kernel = checks.sizes(name, "kernel_size", kernel_size, d)
        self.output_padding = checks.sizes(name, "output_padding", found["output_padding"], d, least=0)
        self.window = ops.sliding(
            kernel, checks.sizes(name, "stride", stride, d), checks.sizes(name, "padding", padding, d, least=0),
            checks.sizes(name, "dilation", found["dilation"], d),
        )  # fmt: skip
        shape, generator = (in_channels, out_channels // self.groups, *kernel), found["generator"]
        self.weight = Parameter(init.lecun_uniform(shape, generator))
        bound = init.fans(shape)[0] ** -0.5
        self.bias = Parameter(init.uniform((out_channels,), bound, generator)) if found["bias"] else None

    def forward(self, x: Tensor) -> Tensor:
        """Every place of the input puts the kernels, times its values, into the output; plus the bias."""
        settings = {"output_padding": self.output_padding, "groups": self.groups}
        y = self.function(like(self.weight, x), self.weight, self.window, **settings)
        return y if self.bias is None else y + self.bias.reshape(1, -1, *(1,) * self.d)

    def multiply_adds(self, inputs: tuple[Any, ...], y: Any) -> int:  # noqa: ARG002
        """Each input is put into the output through every tap of its kernels."""
        return int(as_tensor(inputs[0]).size * math.prod(self.weight.shape[1:]))

    def described(self) -> str:
        """The channels in and out, and the window."""
        n_in, n_out, *kernel = self.weight.shape
        text = f"{n_in} -> {n_out * self.groups}, {shown(tuple(kernel), self.window, usual_stride=(1,) * self.d)}"
        text += f", output_padding {self.output_padding}" if any(self.output_padding) else ""
        text += f", {self.groups} groups" if self.groups > 1 else ""
        return text if self.bias is not None else f"{text}, no bias"


class ConvTranspose1d(_ConvTranspose):
    """Transposed convolution of sequences (n, c, t). Arguments: as for `ConvTranspose2d`."""

    d = 1
    function = staticmethod(ops.conv_transpose1d)


class ConvTranspose2d(_ConvTranspose):
    """The gradient of `Conv2d` in its image, used forwards: a learned way to make images larger.

    Args:
        stride: how far apart the pixels of the input put their kernels.
        padding: rows and columns cut from each side of the result.
        output_padding: rows and columns added behind it, less than the stride.
        groups, dilation: as for `Conv2d`.

    Shapes: x (n, in_channels, h, w); weight (in_channels, out_channels / groups, kh, kw), bias (out_channels,);
    y (n, out_channels, (h - 1) stride - 2 padding + dilation (kh - 1) + 1 + output_padding, ...).
    Raises: UsageError for settings, ShapeError for images that do not fit.
    Source: Zeiler et al. 2010, "Deconvolutional networks".
    Differs: from PyTorch in that what comes after padding is given by name, and in forward taking no `output_size`.
    """

    function = staticmethod(ops.conv_transpose2d)


class ConvTranspose3d(_ConvTranspose):
    """Transposed convolution of volumes (n, c, d, h, w). Arguments: as for `ConvTranspose2d`."""

    d = 3
    function = staticmethod(ops.conv_transpose3d)
