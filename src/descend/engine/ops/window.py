"""Windows that slide over images: convolution and pooling. Images are (n, c, h, w).

The convolution is one trilinear form seen from three sides. With T(x, w, g) = sum of g * conv2d(x, w), the three
primitives are its partial derivatives: conv2d = dT/dg, conv2d_input = dT/dx, conv2d_weight = dT/dw. So the
gradients of each are the other two, and the set is closed under differentiation.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from descend.engine.errors import ShapeError
from descend.engine.primitive import Primitive, Shape, bind, promote
from descend.engine.samples import Sampled, distinct, real
from descend.engine.tensor import Tensor, as_tensor

Pair = tuple[int, int]


class Window(NamedTuple):
    """How a window moves: its stride, the zeros around the image, and the spacing of its taps. Rows, columns."""

    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)


def _extent(kernel: Pair, dilation: Pair) -> Pair:
    return (kernel[0] - 1) * dilation[0] + 1, (kernel[1] - 1) * dilation[1] + 1


def _out(size: Pair, kernel: Pair, window: Window) -> Pair:
    if min(*kernel, *window.stride, *window.dilation) < 1 or min(window.padding) < 0:
        raise ShapeError(
            "a window covers something and moves forwards", given=f"kernel {kernel}, {window}",
            needed="kernel, stride and dilation from 1 up, padding from 0 up", fix="a stride of 1 is the usual one",
        )  # fmt: skip
    extent = _extent(kernel, window.dilation)
    h, w = ((size[i] + 2 * window.padding[i] - extent[i]) // window.stride[i] + 1 for i in (0, 1))
    if h < 1 or w < 1:
        raise ShapeError(
            "the window is larger than the image", given=f"image {size}, window {extent}, padding {window.padding}",
            needed="a window that fits", fix="use a smaller kernel, more padding, or fewer poolings before it",
        )  # fmt: skip
    return h, w


def _merged(x: Any, axes: int) -> Any:
    """All but the first `axes` axes as one. Said in numbers: NumPy cannot work out a -1 where the batch is empty."""
    return x.reshape(*x.shape[:axes], math.prod(x.shape[axes:]))


def _padded(x: Any, padding: Pair, value: float = 0.0) -> Any:
    if padding == (0, 0):
        return x
    n, c, h, w = x.shape
    out = np.full((n, c, h + 2 * padding[0], w + 2 * padding[1]), value, x.dtype)
    out[:, :, padding[0] : padding[0] + h, padding[1] : padding[1] + w] = x
    return out


def _cut(x: Any, padding: Pair) -> Any:
    return x[:, :, padding[0] : x.shape[2] - padding[0], padding[1] : x.shape[3] - padding[1]]


def _columns(x: Any, kernel: Pair, window: Window) -> Any:
    """Every window as a column: (n, c * kh * kw, oh * ow)."""
    oh, ow = _out(x.shape[2:], kernel, window)
    (sh, sw), (dh, dw) = window.stride, window.dilation
    views = sliding_window_view(_padded(x, window.padding), _extent(kernel, window.dilation), (2, 3))
    views = views[:, :, : (oh - 1) * sh + 1 : sh, : (ow - 1) * sw + 1 : sw, ::dh, ::dw]
    return views.transpose(0, 1, 4, 5, 2, 3).reshape(x.shape[0], x.shape[1] * math.prod(kernel), oh * ow)


def _fold(columns: Any, size: Pair, kernel: Pair, window: Window) -> Any:
    """The adjoint of `_columns`: add every column back into the image it was cut from."""
    oh, ow = _out(size, kernel, window)
    (sh, sw), (dh, dw), (ph, pw) = window.stride, window.dilation, window.padding
    n = columns.shape[0]
    taps = columns.reshape(n, columns.shape[1] // math.prod(kernel), *kernel, oh, ow)
    image = np.zeros((n, taps.shape[1], size[0] + 2 * ph, size[1] + 2 * pw), columns.dtype)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            rows, cols = slice(i * dh, i * dh + (oh - 1) * sh + 1, sh), slice(j * dw, j * dw + (ow - 1) * sw + 1, sw)
            image[:, :, rows, cols] += taps[:, :, i, j]
    return _cut(image, window.padding)


def _conv2d_shape(x: Shape, w: Shape, window: Window) -> Shape:
    if len(x) != 4 or len(w) != 4 or x[1] != w[1]:
        raise ShapeError(
            "the image does not fit the convolution", given=f"x {x}, weight {w}",
            needed=f"x (n, {w[1] if len(w) == 4 else 'c'}, h, w), weight (out, in, kh, kw)",
            fix="check the number of channels; add the channel axis with x[:, None] for grey images",
        )  # fmt: skip
    return (x[0], w[0], *_out(x[2:], w[2:], window))


def _conv2d(x: Any, w: Any, window: Window) -> Any:
    shape = _conv2d_shape(x.shape, w.shape, window)
    return np.matmul(_merged(w, 1), _columns(x, w.shape[2:], window)).reshape(shape)


def _conv2d_input(w: Any, g: Any, window: Window, size: Pair) -> Any:
    columns = np.matmul(_merged(w, 1).T, _merged(g, 2))
    return _fold(columns, size, w.shape[2:], window)


def _conv2d_weight(x: Any, g: Any, window: Window, kernel: Pair) -> Any:
    columns = _columns(x, kernel, window)
    flat = _merged(g, 2)
    total = np.zeros((g.shape[1], columns.shape[1]), x.dtype)
    for image, cotangent in zip(columns, flat, strict=True):  # one product an image: no array of n weight gradients
        total += cotangent @ image.T
    return total.reshape(g.shape[1], x.shape[1], *kernel)


_WINDOWS = (
    ((2, 3, 5, 7), (2, 3, 3, 2), Window()),
    ((1, 1, 1, 1), (1, 1, 1, 1), Window()),
    ((2, 1, 7, 5), (3, 1, 3, 3), Window((2, 1), (1, 2), (1, 1))),
    ((1, 2, 7, 8), (2, 2, 2, 3), Window((3, 2), (0, 1), (2, 2))),
    ((0, 2, 5, 5), (3, 2, 3, 3), Window()),
)


def _convolutions(rng: np.random.Generator) -> Sampled:
    return [((real(rng, x), real(rng, w)), {"window": window}) for x, w, window in _WINDOWS]


def _input_samples(rng: np.random.Generator) -> Sampled:
    return [
        ((real(rng, w), real(rng, _conv2d_shape(x, w, window))), {"window": window, "size": x[2:]})
        for x, w, window in _WINDOWS
    ]


def _weight_samples(rng: np.random.Generator) -> Sampled:
    return [
        ((real(rng, x), real(rng, _conv2d_shape(x, w, window))), {"window": window, "kernel": w[2:]})
        for x, w, window in _WINDOWS
    ]


_conv2d_of = Primitive(
    "conv2d", _conv2d, _conv2d_shape,
    (
        lambda g, y, x, w, window: bind(_conv2d_input_of, w, g, window=window, size=x.shape[2:]),
        lambda g, y, x, w, window: bind(_conv2d_weight_of, x, g, window=window, kernel=w.shape[2:]),
    ),
    samples=_convolutions,
)  # fmt: skip

_conv2d_input_of: Primitive = Primitive(
    "conv2d_input", _conv2d_input, lambda w, g, window, size: (g[0], w[1], *size),
    (
        lambda x, y, w, g, window, size: bind(_conv2d_weight_of, x, g, window=window, kernel=w.shape[2:]),
        lambda x, y, w, g, window, size: bind(_conv2d_of, x, w, window=window),
    ),
    samples=_input_samples,
)  # fmt: skip

_conv2d_weight_of: Primitive = Primitive(
    "conv2d_weight", _conv2d_weight, lambda x, g, window, kernel: (g[1], x[1], *kernel),
    (
        lambda w, y, x, g, window, kernel: bind(_conv2d_input_of, w, g, window=window, size=x.shape[2:]),
        lambda w, y, x, g, window, kernel: bind(_conv2d_of, x, w, window=window),
    ),
    samples=_weight_samples,
)  # fmt: skip


def conv2d(x: Any, weight: Any, window: Window = Window()) -> Tensor:  # noqa: B008  a constant
    """The cross-correlation that convolutional layers compute.

    y[n, o, i, j] = sum over c, a, b of x[n, c, i * stride + a * dilation - padding, ...] * weight[o, c, a, b]

    Shapes: x (n, c, h, w), weight (o, c, kh, kw); result (n, o, oh, ow). Raises: ShapeError.
    """
    return bind(_conv2d_of, *promote((x, weight)), window=window)


# Pooling. `places` says which tap of its window won; taking from there and putting back there are adjoint.


def _taps(x: Any, kernel: Pair, window: Window, value: float = 0.0) -> list[Any]:
    """For each tap of the window, the view of x that it sees: kh * kw views of shape (n, c, oh, ow)."""
    oh, ow = _out(x.shape[2:], kernel, window)
    padded = _padded(x, window.padding, value)
    return [padded[:, :, rows, cols] for rows, cols in _tap_slices((oh, ow), kernel, window)]


def _tap_slices(out: Pair, kernel: Pair, window: Window) -> list[tuple[slice, slice]]:
    (sh, sw), (dh, dw) = window.stride, window.dilation
    return [
        (slice(i * dh, i * dh + (out[0] - 1) * sh + 1, sh), slice(j * dw, j * dw + (out[1] - 1) * sw + 1, sw))
        for i in range(kernel[0])
        for j in range(kernel[1])
    ]


def _pooled(shape: Shape, kernel: Pair, window: Window) -> Shape:
    if len(shape) != 4:
        raise ShapeError("pooling is for images", given=str(shape), needed="(n, c, h, w)", fix="pool before flattening")
    return (*shape[:2], *_out(shape[2:], kernel, window))


def _lowest(dtype: np.dtype[Any]) -> float:
    """What is never larger than an element: the padding of a maximum."""
    return -math.inf if dtype.kind == "f" else int(np.iinfo(dtype).min)


def _max_pool(x: Any, kernel: Pair, window: Window) -> Any:
    _pooled(x.shape, kernel, window)
    return np.maximum.reduce(_taps(x, kernel, window, _lowest(x.dtype)), 0)


def _pool_places(x: Any, kernel: Pair, window: Window) -> Any:
    _pooled(x.shape, kernel, window)
    taps = _taps(x, kernel, window, _lowest(x.dtype))
    best = np.maximum.reduce(taps, 0)
    places = np.full(best.shape, len(taps) - 1, np.int16)
    for number in range(len(taps) - 2, -1, -1):  # backwards, so that the first of equal taps wins
        won = -(taps[number] == best).astype(np.int16)  # all bits set or none: selecting without branches is faster
        places = (places & ~won) | (number & won)
    return places


def _pool_take(x: Any, places: Any, kernel: Pair, window: Window) -> Any:
    first, *others = _taps(x, kernel, window)
    out = first.copy()
    for number, tap in enumerate(others, 1):
        np.copyto(out, tap, where=places == number)
    return out


def _pool_put(g: Any, places: Any, kernel: Pair, window: Window, size: Pair) -> Any:
    (ph, pw) = window.padding
    image = np.zeros((*g.shape[:2], size[0] + 2 * ph, size[1] + 2 * pw), g.dtype)
    for number, (rows, cols) in enumerate(_tap_slices(g.shape[2:], kernel, window)):
        image[:, :, rows, cols] += g * (places == number)
    return _cut(image, window.padding)


def _pool_sum(x: Any, kernel: Pair, window: Window) -> Any:
    _pooled(x.shape, kernel, window)
    return np.add.reduce(_taps(x, kernel, window), 0)


def _pool_spread(g: Any, kernel: Pair, window: Window, size: Pair) -> Any:
    (ph, pw) = window.padding
    image = np.zeros((*g.shape[:2], size[0] + 2 * ph, size[1] + 2 * pw), g.dtype)
    for rows, cols in _tap_slices(g.shape[2:], kernel, window):
        image[:, :, rows, cols] += g
    return _cut(image, window.padding)


_POOLS = (
    ((2, 3, 4, 6), (2, 2), Window((2, 2))),
    ((1, 1, 1, 1), (1, 1), Window()),
    ((2, 1, 7, 5), (3, 2), Window((2, 1), (1, 1))),
    ((1, 2, 7, 8), (2, 3), Window((1, 2), (1, 0), (2, 3))),
    ((0, 2, 4, 4), (2, 2), Window((2, 2))),
)


def _pools(rng: np.random.Generator) -> Sampled:
    return [((distinct(rng, x),), {"kernel": kernel, "window": window}) for x, kernel, window in _POOLS]


def _take_samples(rng: np.random.Generator) -> Sampled:
    return [((x, _pool_places(x, **attributes)), attributes) for (x,), attributes in _pools(rng)]


def _put_samples(rng: np.random.Generator) -> Sampled:
    return [
        ((real(rng, places.shape), places), {**attributes, "size": x.shape[2:]})
        for (x, places), attributes in _take_samples(rng)
    ]


def _spread_samples(rng: np.random.Generator) -> Sampled:
    return [((g,), attributes) for (g, _), attributes in _put_samples(rng)]


def _max_pool_cotangent(g: Tensor, y: Tensor, x: Tensor, kernel: Pair, window: Window) -> Tensor:
    places = bind(_pool_places_of, x.detach(), kernel=kernel, window=window)
    return bind(_pool_put_of, g, places, kernel=kernel, window=window, size=x.shape[2:])


_max_pool_of = Primitive("max_pool", _max_pool, _pooled, (_max_pool_cotangent,), samples=_pools)

_pool_places_of = Primitive("pool_places", _pool_places, _pooled, (None,), samples=_pools)

_pool_take_of = Primitive(
    "pool_take", _pool_take, lambda x, places, kernel, window: places,
    (lambda g, y, x, places, **at: bind(_pool_put_of, g, places, size=x.shape[2:], **at),), samples=_take_samples,
)  # fmt: skip

_pool_put_of: Primitive = Primitive(
    "pool_put", _pool_put, lambda g, places, kernel, window, size: (*g[:2], *size),
    (lambda x, y, g, places, kernel, window, size: bind(_pool_take_of, x, places, kernel=kernel, window=window),),
    samples=_put_samples,
)  # fmt: skip

_pool_sum_of = Primitive(
    "pool_sum",
    _pool_sum,
    _pooled,
    (lambda g, y, x, **at: bind(_pool_spread_of, g, size=x.shape[2:], **at),),
    samples=_pools,
)

_pool_spread_of: Primitive = Primitive(
    "pool_spread", _pool_spread, lambda g, kernel, window, size: (*g[:2], *size),
    (lambda x, y, g, kernel, window, size: bind(_pool_sum_of, x, kernel=kernel, window=window),),
    samples=_spread_samples,
)  # fmt: skip


def max_pool2d(x: Any, kernel: Pair, window: Window) -> Tensor:
    """The largest value in each window; of equal ones the first gets the gradient. x (n, c, h, w) to (n, c, oh, ow).

    Raises: ShapeError for padding of more than half the window, which could then lie outside the image altogether.
    """
    extent = _extent(kernel, window.dilation)
    if any(2 * window.padding[i] > extent[i] for i in (0, 1)):
        raise ShapeError(
            "a window of a maximum must reach into the image", given=f"padding {window.padding}, window {extent}",
            needed="padding of at most half the window", fix="pad the image itself with ops.pad",
        )  # fmt: skip
    return bind(_max_pool_of, as_tensor(x), kernel=kernel, window=window)


def avg_pool2d(x: Any, kernel: Pair, window: Window) -> Tensor:
    """The mean over each window, padding counted as zeros. x (n, c, h, w) to (n, c, oh, ow)."""
    (x,) = promote((x,), floating=True)
    return bind(_pool_sum_of, x, kernel=kernel, window=window) * (1.0 / (kernel[0] * kernel[1]))
