"""Locally connected layers: convolutions whose kernels are different at every place."""

from __future__ import annotations

import math
from typing import Any, TypedDict, Unpack

from descend.engine import Generator, ShapeError, Tensor, ops
from descend.nn import checks, init
from descend.nn.conv import Size
from descend.nn.module import Module, Parameter
from descend.nn.precision import like
from descend.nn.settings import chosen
from descend.nn.window import shown


class Settings(TypedDict, total=False):
    """What is given to a locally connected layer by name."""

    stride: Size
    padding: Size
    bias: bool
    generator: Generator | None


_USUAL = {"stride": 1, "padding": 0, "bias": True, "generator": None}


class _LocallyConnected(Module):
    """A convolution whose kernels are different at every place."""

    d = 2

    def __init__(
        self, in_channels: int, out_channels: int, input_size: Size, kernel_size: Size, **settings: Unpack[Settings]
    ) -> None:
        name, d = type(self).__name__, self.d
        found = chosen(name, _USUAL, settings)
        checks.counts(name, in_channels=in_channels, out_channels=out_channels)
        self.input_size = (in_channels, *checks.sizes(name, "input_size", input_size, d))
        self.kernel = checks.sizes(name, "kernel_size", kernel_size, d)
        padding = checks.sizes(name, "padding", found["padding"], d, least=0)
        self.window = ops.sliding(self.kernel, checks.sizes(name, "stride", found["stride"], d), padding)
        places, generator = self._places(), found["generator"]
        bound = (in_channels * math.prod(self.kernel)) ** -0.5
        self.weight = Parameter(init.uniform((*places, out_channels, in_channels, *self.kernel), bound, generator))
        self.bias = Parameter(init.uniform((out_channels, *places), bound, generator)) if found["bias"] else None

    def _places(self) -> tuple[int, ...]:
        empty = ops.zeros((0, *self.input_size))
        d = range(self.d)
        full = [
            n + 2 * p for n, p in zip(self.input_size[1:], (sum(pad) // 2 for pad in self.window.pads), strict=True)
        ]
        ops.unfold(empty, self.kernel, self.window)  # refuses a window that does not fit
        return tuple((full[a] - self.kernel[a]) // self.window.stride[a] + 1 for a in d)

    def forward(self, x: Tensor) -> Tensor:
        """The input seen at every place by that place's kernels, plus its biases."""
        x = like(self.weight, x)
        if x.ndim != self.d + 2 or x.shape[1:] != self.input_size:
            raise ShapeError(
                "the input does not fit the layer", given=str(x.shape),
                needed=f"(n, {', '.join(map(str, self.input_size))})",
                fix="every place has its own weights: the layer is built for one size",
            )  # fmt: skip
        places, n_out = self.weight.shape[: self.d], self.weight.shape[self.d]
        seen = ops.unfold(x, self.kernel, self.window).permute(2, 0, 1)  # (places, n, in * taps)
        kernels = self.weight.reshape(math.prod(places), n_out, -1)
        y = ops.matmul(seen, kernels.transpose(1, 2)).permute(1, 2, 0).reshape(x.shape[0], n_out, *places)
        return y if self.bias is None else y + self.bias

    def multiply_adds(self, inputs: tuple[Any, ...], y: Any) -> int:  # noqa: ARG002
        """Each output is a sum over the taps of its own kernel."""
        return int(y.size * math.prod(self.weight.shape[self.d + 1 :]))

    def described(self) -> str:
        """The channels in and out, the size and the window."""
        n_in, *size = self.input_size
        text = f"{n_in} -> {self.weight.shape[self.d]}, size {size[0] if self.d == 1 else tuple(size)}, "
        text += shown(self.kernel, self.window, usual_stride=(1,) * self.d)
        return text if self.bias is not None else f"{text}, no bias"


class LocallyConnected1d(_LocallyConnected):
    """Locally connected layer of sequences. Settings, source: as for `LocallyConnected2d`.

    Shapes: x (n, in_channels, t), y (n, out_channels, ot); weight (ot, out_channels, in_channels, k), bias
    (out_channels, ot).
    """

    d = 1


class LocallyConnected2d(_LocallyConnected):
    """A convolution whose kernels are different at every place: for images whose parts have fixed places, as faces.

    Args:
        input_size: (h, w) of the images, for the number of places is the number of kernels.
        stride, padding, bias: as for `Conv2d`, by name.

    Shapes: x (n, in_channels, h, w), y (n, out_channels, oh, ow); weight (oh, ow, out_channels, in_channels, kh, kw),
    bias (out_channels, oh, ow), the layout of Torch7. Raises: UsageError, ShapeError for images of another size.
    Source: LeCun 1989, "Generalization and network design strategies".
    """
