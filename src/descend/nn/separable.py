"""Convolutions taken apart: each channel by itself, then the channels with each other."""

from __future__ import annotations

from typing import TypedDict, Unpack

from descend.engine import Generator, Tensor
from descend.nn.conv import Conv2d, Size
from descend.nn.module import Module
from descend.nn.settings import chosen


class Settings(TypedDict, total=False):
    """What is given to a separable convolution by name."""

    dilation: Size
    bias: bool
    depth_multiplier: int
    generator: Generator | None


_USUAL = {"dilation": 1, "bias": True, "depth_multiplier": 1, "generator": None}


class DepthwiseConv2d(Conv2d):
    """Each channel convolved by itself: `Conv2d` with as many groups as channels.

    Shapes: x (n, in_channels, h, w); weight (in_channels depth_multiplier, 1, kh, kw), bias (in_channels
    depth_multiplier,); y has in_channels depth_multiplier channels.
    """

    def __init__(
        self, in_channels: int, kernel_size: Size, stride: Size = 1, padding: Size | str = 0,
        **settings: Unpack[Settings],
    ) -> None:  # fmt: skip
        found = chosen("DepthwiseConv2d", _USUAL, settings)
        out_channels = in_channels * found.pop("depth_multiplier")
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, groups=in_channels, **found)


class SeparableConv2d(Module):
    """A depthwise convolution without bias, then one of 1 x 1 pixels that mixes the channels.

    For a k x k kernel about k² times fewer products than `Conv2d`. Shapes: x (n, in_channels, h, w),
    y (n, out_channels, ...); parameters depthwise.weight, pointwise.weight, pointwise.bias.
    Source: Chollet 2016, arXiv:1610.02357; Howard et al. 2017, arXiv:1704.04861.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Size, stride: Size = 1, padding: Size | str = 0,
        **settings: Unpack[Settings],
    ) -> None:  # fmt: skip
        found = chosen("SeparableConv2d", _USUAL, settings)
        bias, generator, multiplier = found["bias"], found["generator"], found["depth_multiplier"]
        self.depthwise = DepthwiseConv2d(
            in_channels, kernel_size, stride, padding,
            dilation=found["dilation"], bias=False, depth_multiplier=multiplier, generator=generator,
        )  # fmt: skip
        self.pointwise = Conv2d(in_channels * multiplier, out_channels, 1, bias=bias, generator=generator)

    def forward(self, x: Tensor) -> Tensor:
        """Each channel by itself, then all with each other."""
        return self.pointwise(self.depthwise(x))  # type: ignore[no-any-return]
