"""Convolution of sequences, images and volumes, and its transpose.

The convolution is one trilinear form seen from three sides. With T(x, w, g) = sum of g * conv(x, w), the three
primitives are its partial derivatives: conv = dT/dg, conv_input = dT/dx, conv_weight = dT/dw. So the gradients of each
are the other two, and the set is closed under differentiation. What is called a transposed convolution is conv_input.

With `groups` the channels are cut into that many parts which do not see each other: depthwise with one channel each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from descend.engine.errors import ShapeError
from descend.engine.ops.window import SHAPES, Sizes, Window, columns, extent, fold_columns, outputs, sliding, spread
from descend.engine.primitive import Costly, Primitive, Shape, bind, promote
from descend.engine.samples import Sampled, real
from descend.engine.tensor import Tensor

_PICTURES = {1: "(n, c, t)", 2: "(n, c, h, w)", 3: "(n, c, d, h, w)"}
_KERNELS = {1: "(out, in, k)", 2: "(out, in, kh, kw)", 3: "(out, in, kd, kh, kw)"}


def _grouped(x: Any, groups: int, axis: int) -> Any:
    """The axis of channels cut into groups: (..., c, ...) to (..., groups, c / groups, the rest as one)."""
    # Said in numbers: NumPy cannot work out a -1 where the batch is empty.
    rest = math.prod(x.shape[axis + 1 :])
    return x.reshape(*x.shape[:axis], groups, x.shape[axis] // groups, rest)


def _convolved(x: Shape, w: Shape, window: Window, groups: int) -> Shape:
    d = len(window.stride)
    if len(x) != d + 2 or len(w) != d + 2 or x[1] != w[1] * groups or w[0] % groups:
        channels = w[1] * groups if len(w) == d + 2 else "c"
        raise ShapeError(
            "the image does not fit the convolution",
            given=f"x {x}, weight {w}" + (f", {groups} groups" if groups > 1 else ""),
            needed=f"x {_PICTURES[d].replace('c', str(channels), 1)}, weight {_KERNELS[d]}"
            + (f" with in = c / {groups} and out a multiple of {groups}" if groups > 1 else ""),
            fix=_mended(x, d, channels),
        )  # fmt: skip
    return (x[0], w[0], *outputs(x[2:], w[2:], window))


def _mended(x: Shape, d: int, channels: int | str) -> str:
    """How an image of this shape becomes one with so many channels."""
    if len(x) == d + 2 and x[-1] == channels:
        return "channels come before places: x.moveaxis(-1, 1)"
    if len(x) == d + 1 and x[0] == channels:
        return "one image is a batch of one: x[None]"
    if len(x) == d + 1 and channels == 1:
        return "add the channel axis with x[:, None]"
    if len(x) == d == 2 and isinstance(channels, int):
        side = math.isqrt(x[1] // channels)
        if channels * side**2 == x[1]:
            return f"rows of pixels become images with x.reshape(-1, {channels}, {side}, {side})"
    return "check the number of channels; add the channel axis with x[:, None] for grey images"


def _conv(x: Any, w: Any, window: Window, groups: int) -> Any:
    shape = _convolved(x.shape, w.shape, window, groups)
    patches = columns(x, w.shape[2:], window)
    if groups == 1:
        return np.matmul(_grouped(w, 1, 0)[0], patches).reshape(shape)
    return np.matmul(_grouped(w, groups, 0), _grouped(patches, groups, 1)).reshape(shape)


def _conv_input(w: Any, g: Any, window: Window, groups: int, size: Sizes) -> Any:
    patches = np.matmul(_grouped(w, groups, 0).swapaxes(1, 2), _grouped(g, groups, 1))
    flat = patches.reshape(g.shape[0], patches.shape[1] * patches.shape[2], patches.shape[3])
    return fold_columns(flat, size, w.shape[2:], window)


def _conv_weight(x: Any, g: Any, window: Window, groups: int, kernel: Sizes) -> Any:
    patches, flat = _grouped(columns(x, kernel, window), groups, 1), _grouped(g, groups, 1)
    total = np.zeros((groups, flat.shape[2], patches.shape[2]), x.dtype)
    for image, cotangent in zip(patches, flat, strict=True):  # one product an image: no array of n weight gradients
        total += np.matmul(cotangent, image.swapaxes(1, 2))
    return total.reshape(g.shape[1], x.shape[1] // groups, *kernel)


class _Form(NamedTuple):
    """The three partial derivatives of the trilinear form."""

    conv: Primitive
    input: Primitive
    weight: Primitive


def _drawn(d: int, rng: np.random.Generator) -> Iterator[tuple[Any, Any, Any, dict[str, Any]]]:
    """The samples of the three: x, w, g and the attributes that they share."""
    for number, (x, kernel, window) in enumerate(SHAPES[d]):
        groups = 2 if (number == 0 and d != 2) or number == 2 else 1
        w = (groups * (1 + number % 2), x[1] // groups, *kernel)
        g = _convolved(x, w, window, groups)
        yield real(rng, x), real(rng, w), real(rng, g), {"window": window, "groups": groups}


def _convolutions(d: int, rng: np.random.Generator) -> Sampled:
    return [((x, w), at) for x, w, _, at in _drawn(d, rng)]


def _inputs(d: int, rng: np.random.Generator) -> Sampled:
    return [((w, g), {**at, "size": x.shape[2:]}) for x, w, g, at in _drawn(d, rng)]


def _weights(d: int, rng: np.random.Generator) -> Sampled:
    return [((x, g), {**at, "kernel": w.shape[2:]}) for x, w, g, at in _drawn(d, rng)]


def _form(d: int) -> _Form:
    conv: Primitive = Costly(
        f"conv{d}d", _conv, _convolved,
        (
            lambda g, y, x, w, **at: bind(of_input, w, g, size=x.shape[2:], **at),
            lambda g, y, x, w, **at: bind(of_weight, x, g, kernel=w.shape[2:], **at),
        ),
        samples=partial(_convolutions, d),
    )  # fmt: skip
    of_input: Primitive = Costly(
        f"conv{d}d_input", _conv_input, lambda w, g, window, groups, size: (g[0], w[1] * groups, *size),
        (
            lambda x, y, w, g, size, **at: bind(of_weight, x, g, kernel=w.shape[2:], **at),
            lambda x, y, w, g, size, **at: bind(conv, x, w, **at),
        ),
        samples=partial(_inputs, d),
    )  # fmt: skip
    of_weight: Primitive = Costly(
        f"conv{d}d_weight", _conv_weight, lambda x, g, window, groups, kernel: (g[1], x[1] // groups, *kernel),
        (
            lambda w, y, x, g, kernel, **at: bind(of_input, w, g, size=x.shape[2:], **at),
            lambda w, y, x, g, kernel, **at: bind(conv, x, w, **at),
        ),
        samples=partial(_weights, d),
    )  # fmt: skip
    return _Form(conv, of_input, of_weight)


_FORMS = {d: _form(d) for d in (1, 2, 3)}


def conv1d(x: Any, weight: Any, window: Window | None = None, *, groups: int = 1) -> Tensor:
    """As `conv2d`, of sequences: x (n, c, t), weight (o, c / groups, k); result (n, o, places)."""
    return _apply(1, x, weight, window, groups)


def conv2d(x: Any, weight: Any, window: Window | None = None, *, groups: int = 1) -> Tensor:
    """The cross-correlation that convolutional layers compute.

    y[n, o, i, j] = sum over c, a, b of x[n, c, i * stride + a * dilation - padding, ...] * weight[o, c, a, b]

    Shapes: x (n, c, h, w), weight (o, c / groups, kh, kw); result (n, o, oh, ow). Raises: ShapeError.
    Differs: from PyTorch in that stride, padding and dilation are a `Window` (see `sliding`) and there is no bias.
    """
    return _apply(2, x, weight, window, groups)


def conv3d(x: Any, weight: Any, window: Window | None = None, *, groups: int = 1) -> Tensor:
    """As `conv2d`, of volumes: x (n, c, d, h, w), weight (o, c / groups, kd, kh, kw)."""
    return _apply(3, x, weight, window, groups)


def _apply(d: int, x: Any, weight: Any, window: Window | None, groups: int) -> Tensor:
    x, weight = promote((x, weight))
    return bind(_FORMS[d].conv, x, weight, window=window or sliding((1,) * d), groups=groups)


def conv_transpose1d(
    x: Any, weight: Any, window: Window | None = None, *, output_padding: int | Sequence[int] = 0, groups: int = 1
) -> Tensor:
    """As `conv_transpose2d`, of sequences: x (n, c, t), weight (c, o / groups, k)."""
    return _transposed(1, x, weight, window, output_padding, groups)


def conv_transpose2d(
    x: Any, weight: Any, window: Window | None = None, *, output_padding: int | Sequence[int] = 0, groups: int = 1
) -> Tensor:
    """The gradient of `conv2d` in its image, used forwards: each pixel of x puts the kernel, times itself, into y.

    Length along each axis: (n - 1) * stride - padding before and after + dilation * (k - 1) + 1 + output_padding.

    Args:
        output_padding: rows and columns added behind the result, less than the stride: a convolution maps images of
            that many sizes to one, and this says which is meant.

    Shapes: x (n, c, h, w), weight (c, o / groups, kh, kw); result (n, o, oh, ow). Raises: ShapeError.
    """
    return _transposed(2, x, weight, window, output_padding, groups)


def conv_transpose3d(
    x: Any, weight: Any, window: Window | None = None, *, output_padding: int | Sequence[int] = 0, groups: int = 1
) -> Tensor:
    """As `conv_transpose2d`, of volumes: x (n, c, d, h, w), weight (c, o / groups, kd, kh, kw)."""
    return _transposed(3, x, weight, window, output_padding, groups)


def _transposed(
    d: int, x: Any, weight: Any, window: Window | None, output_padding: int | Sequence[int], groups: int
) -> Tensor:
    x, weight = promote((x, weight))
    if x.ndim != d + 2 or weight.ndim != d + 2 or x.shape[1] != weight.shape[0] or weight.shape[0] % groups:
        raise ShapeError(
            "the image does not fit the transposed convolution", given=f"x {x.shape}, weight {weight.shape}",
            needed=f"x {_PICTURES[d]}, weight {_KERNELS[d].replace('(out, in', '(c, out')}",
            fix="the weight's first axis is the channels of x, a multiple of groups",
        )  # fmt: skip
    window = window or sliding((1,) * d)
    size = _grown(x.shape[2:], weight.shape[2:], window, spread(output_padding, d))
    return bind(_FORMS[d].input, weight, x, window=window, groups=groups, size=size)


def _grown(size: Sizes, kernel: Sizes, window: Window, extra: Sizes) -> Sizes:
    """The size of the image that a convolution with this window maps to `size`, with `extra` behind it."""
    if any(not 0 <= e < s for e, s in zip(extra, window.stride, strict=True)):
        raise ShapeError(
            "the output padding says which of several sizes is meant", given=f"{extra} with stride {window.stride}",
            needed="0 up to, not including, the stride", fix="pad the result itself with ops.pad",
        )  # fmt: skip
    axes = zip(size, extent(kernel, window.dilation), window.stride, window.pads, extra, strict=True)
    grown = tuple((n - 1) * s - sum(pads) + reach + e for n, reach, s, pads, e in axes)
    if min(grown) < 1:
        raise ShapeError(
            "nothing is left of the transposed convolution", given=f"{size}, kernel {kernel}, padding {window.padding}",
            needed="a result of at least one pixel", fix="use less padding: here it cuts away",
        )  # fmt: skip
    return grown
