"""Convolutional layers, of sequences, images and volumes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypedDict, Unpack

from descend.engine import Generator, Tensor, UsageError, ops
from descend.engine.ops import Window
from descend.nn import checks, init
from descend.nn.module import Module, Parameter
from descend.nn.padding import MODES, padded
from descend.nn.precision import like
from descend.nn.settings import chosen
from descend.nn.window import shown

Size = int | tuple[int, ...]


class Settings(TypedDict, total=False):
    """What is given to a convolution by name."""

    dilation: Size
    groups: int
    bias: bool
    padding_mode: str
    generator: Generator | None


USUAL = {"dilation": 1, "groups": 1, "bias": True, "padding_mode": "zeros", "generator": None}


def grouped(layer: str, in_channels: int, out_channels: int, groups: int) -> None:
    """Channels in and out are there, and groups divides both. Raises: UsageError."""
    checks.counts(layer, in_channels=in_channels, out_channels=out_channels, groups=groups)
    if in_channels % groups or out_channels % groups:
        raise UsageError(
            f"the groups of {layer} are of equal size",
            given=f"{groups} groups of {in_channels} channels in and {out_channels} out",
            needed="groups that divides both", fix="groups=in_channels convolves each channel by itself",
        )  # fmt: skip


class _Conv(Module):
    """A convolution with learned kernels; `Conv2d` says what the settings mean."""

    d = 2
    function: Callable[..., Tensor]

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Size, stride: Size = 1, padding: Size | str = 0,
        **settings: Unpack[Settings],
    ) -> None:  # fmt: skip
        name = type(self).__name__
        found = chosen(name, USUAL, settings)
        self.groups = found["groups"]
        grouped(name, in_channels, out_channels, self.groups)
        kernel = checks.sizes(name, "kernel_size", kernel_size, self.d)
        self.window = _window(name, kernel, stride, padding, found["dilation"])
        self.padding_mode = checks.one_of(name, "padding_mode", found["padding_mode"], ("zeros", *MODES))
        shape, generator = (out_channels, in_channels // self.groups, *kernel), found["generator"]
        self.weight = Parameter(init.lecun_uniform(shape, generator))
        bound = init.fans(shape)[0] ** -0.5
        self.bias = Parameter(init.uniform((out_channels,), bound, generator)) if found["bias"] else None

    def forward(self, x: Tensor) -> Tensor:
        """The input seen by every kernel at every place, plus the bias."""
        x, window = like(self.weight, x), self.window
        if self.padding_mode != "zeros":
            x, window = padded(x, window.pads, self.padding_mode), window._replace(padding=(0,) * self.d)
        y = self.function(x, self.weight, window, groups=self.groups)
        return y if self.bias is None else y + self.bias.reshape(1, -1, *(1,) * self.d)

    def multiply_adds(self, inputs: tuple[Any, ...], y: Any) -> int:  # noqa: ARG002
        """Each output is a sum over the taps of its group's kernels."""
        return int(y.size * math.prod(self.weight.shape[1:]))

    def described(self) -> str:
        """The channels in and out, and the window."""
        n_out, n_in, *kernel = self.weight.shape
        text = f"{n_in * self.groups} -> {n_out}, {shown(tuple(kernel), self.window, usual_stride=(1,) * self.d)}"
        text += f", {self.groups} groups" if self.groups > 1 else ""
        text += f", padding_mode={self.padding_mode!r}" if self.padding_mode != "zeros" else ""
        return text if self.bias is not None else f"{text}, no bias"


def _window(layer: str, kernel: tuple[int, ...], stride: Any, padding: Any, dilation: Any) -> Window:
    d = len(kernel)
    steps, spacing = checks.sizes(layer, "stride", stride, d), checks.sizes(layer, "dilation", dilation, d)
    if padding in ("same", "valid"):
        return ops.sliding(kernel, steps, padding, spacing)
    return ops.sliding(kernel, steps, checks.sizes(layer, "padding", padding, d, least=0), spacing)


class Conv1d(_Conv):
    """Convolution of sequences. Arguments: as for `Conv2d`.

    Shapes: x (n, in_channels, t); weight (out_channels, in_channels / groups, k), bias (out_channels,);
    y (n, out_channels, (t + 2 padding - dilation (k - 1) - 1) // stride + 1).
    """

    d = 1
    function = staticmethod(ops.conv1d)


class Conv2d(_Conv):
    """Convolution (cross-correlation, as everywhere in deep learning) of images with learned kernels.

    Args:
        stride: how far the window moves.
        padding: what is put around the image; "same" keeps the size at stride 1, "valid" is 0.
        dilation: the distance of the kernel's taps.
        groups: channels are cut into so many groups, each with kernels of its own.
        bias: add a learned number to each channel out.
        padding_mode: what the padding holds: "zeros", "reflect", "replicate" or "circular".

    Shapes: x (n, in_channels, h, w); weight (out_channels, in_channels / groups, kh, kw), bias (out_channels,);
    y (n, out_channels, (h + 2 padding - dilation (kh - 1) - 1) // stride + 1, ...). Sizes are one number or
    (rows, columns), in pixels. Weights begin uniform on ±1/sqrt(in_channels / groups kh kw), as in PyTorch.
    Raises: UsageError for settings, ShapeError for images that do not fit.
    Differs: from PyTorch in that what comes after padding is given by name.
    """

    function = staticmethod(ops.conv2d)


class Conv3d(_Conv):
    """Convolution of volumes. Arguments: as for `Conv2d`.

    Shapes: x (n, in_channels, d, h, w); weight (out_channels, in_channels / groups, kd, kh, kw),
    bias (out_channels,); y (n, out_channels, ...), each length as for `Conv2d`.
    """

    d = 3
    function = staticmethod(ops.conv3d)
