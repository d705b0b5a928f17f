"""Pooling: the largest, the mean or the norm of what a window covers. The number of axes is the kernel's.

`places` says which tap of its window won; taking from there and putting back there are adjoint, and so are the sum over
a window and the spreading of a number over it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from descend.engine.errors import ShapeError, UsageError
from descend.engine.ops.elementwise import abs, where
from descend.engine.ops.gather import scatter_add
from descend.engine.ops.movement import reshape
from descend.engine.ops.window import Sizes, Window, cut, extent, outputs, padded, tap_slices
from descend.engine.primitive import Costly, Primitive, Shape, bind, promote
from descend.engine.samples import Sampled, distinct, real
from descend.engine.tensor import Tensor, as_tensor, box

_PICTURES = {1: "(n, c, t)", 2: "(n, c, h, w)", 3: "(n, c, d, h, w)"}


def _taps(x: Any, kernel: Sizes, window: Window, value: float = 0.0) -> list[Any]:
    """For each tap of the window, the view of x that it sees, of shape (n, c, *places)."""
    out = outputs(x.shape[2:], kernel, window)
    wide = padded(x, window, value)
    return [wide[slices] for slices in tap_slices(out, kernel, window)]


def _pooled(shape: Shape, kernel: Sizes, window: Window) -> Shape:
    if len(shape) != len(kernel) + 2:
        needed = _PICTURES.get(len(kernel), f"{len(kernel) + 2} axes")
        raise ShapeError("pooling is for images", given=str(shape), needed=needed, fix="pool before flattening")
    return (*shape[:2], *outputs(shape[2:], kernel, window))


def _lowest(dtype: np.dtype[Any]) -> float:
    """What is never larger than an element: the padding of a maximum."""
    return -math.inf if dtype.kind == "f" else int(np.iinfo(dtype).min)


def _max_pool(x: Any, kernel: Sizes, window: Window) -> Any:
    _pooled(x.shape, kernel, window)
    return np.maximum.reduce(_taps(x, kernel, window, _lowest(x.dtype)), 0)


def _pool_places(x: Any, kernel: Sizes, window: Window) -> Any:
    _pooled(x.shape, kernel, window)
    taps = _taps(x, kernel, window, _lowest(x.dtype))
    best = np.maximum.reduce(taps, 0)
    places = np.full(best.shape, len(taps) - 1, np.int16)
    for number in range(len(taps) - 2, -1, -1):  # backwards, so that the first of equal taps wins
        won = -(taps[number] == best).astype(np.int16)  # all bits set or none: selecting without branches is faster
        places = (places & ~won) | (number & won)
    return places


def _pool_take(x: Any, places: Any, kernel: Sizes, window: Window) -> Any:
    first, *others = _taps(x, kernel, window)
    out = first.copy()
    for number, tap in enumerate(others, 1):
        np.copyto(out, tap, where=places == number)
    return out


def _blank(g: Any, window: Window, size: Sizes) -> Any:
    return np.zeros((*g.shape[:2], *(n + sum(pair) for n, pair in zip(size, window.pads, strict=True))), g.dtype)


def _pool_put(g: Any, places: Any, kernel: Sizes, window: Window, size: Sizes) -> Any:
    image = _blank(g, window, size)
    for number, slices in enumerate(tap_slices(g.shape[2:], kernel, window)):
        image[slices] += g * (places == number)
    return cut(image, size, window)


def _pool_sum(x: Any, kernel: Sizes, window: Window) -> Any:
    _pooled(x.shape, kernel, window)
    return np.add.reduce(_taps(x, kernel, window), 0)


def _pool_spread(g: Any, kernel: Sizes, window: Window, size: Sizes) -> Any:
    image = _blank(g, window, size)
    for slices in tap_slices(g.shape[2:], kernel, window):
        image[slices] += g
    return cut(image, size, window)


_POOLS: tuple[tuple[Shape, Sizes, Window], ...] = (
    ((2, 3, 4, 6), (2, 2), Window((2, 2))),
    ((1, 1, 1, 1), (1, 1), Window()),
    ((2, 1, 7, 5), (3, 2), Window((2, 1), (1, 1))),
    ((1, 2, 7, 8), (2, 3), Window((1, 2), (1, (0, 1)), (2, 3))),
    ((0, 2, 4, 4), (2, 2), Window((2, 2))),
    ((2, 2, 7), (3,), Window((2,), (1,), (1,))),
    ((1, 2, 3, 4, 3), (2, 2, 2), Window((1, 2, 1), (0, 1, 0), (1, 1, 2))),
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


def _max_pool_cotangent(g: Tensor, y: Tensor, x: Tensor, kernel: Sizes, window: Window) -> Tensor:
    places = bind(_pool_places_of, x.detach(), kernel=kernel, window=window)
    return bind(_pool_put_of, g, places, kernel=kernel, window=window, size=x.shape[2:])


_max_pool_of = Costly("max_pool", _max_pool, _pooled, (_max_pool_cotangent,), samples=_pools)

_pool_places_of = Costly("pool_places", _pool_places, _pooled, (None,), samples=_pools)

_pool_take_of = Costly(
    "pool_take", _pool_take, lambda x, places, kernel, window: places,
    (lambda g, y, x, places, **at: bind(_pool_put_of, g, places, size=x.shape[2:], **at),), samples=_take_samples,
)  # fmt: skip

_pool_put_of: Primitive = Costly(
    "pool_put", _pool_put, lambda g, places, kernel, window, size: (*g[:2], *size),
    (lambda x, y, g, places, kernel, window, size: bind(_pool_take_of, x, places, kernel=kernel, window=window),),
    samples=_put_samples,
)  # fmt: skip

_pool_sum_of = Costly(
    "pool_sum",
    _pool_sum,
    _pooled,
    (lambda g, y, x, **at: bind(_pool_spread_of, g, size=x.shape[2:], **at),),
    samples=_pools,
)

_pool_spread_of: Primitive = Costly(
    "pool_spread", _pool_spread, lambda g, kernel, window, size: (*g[:2], *size),
    (lambda x, y, g, kernel, window, size: bind(_pool_sum_of, x, kernel=kernel, window=window),),
    samples=_spread_samples,
)  # fmt: skip


def _ceiling(shape: Shape, kernel: Sizes, window: Window) -> Window:
    """The window with as much padding behind the image as one more place needs that begins inside it."""
    _pooled(shape, kernel, window)
    pads = []
    for n, reach, step, (before, after) in zip(
        shape[2:], extent(kernel, window.dilation), window.stride, window.pads, strict=True
    ):
        last = -(-(n + before + after - reach) // step) * step
        last -= step if last >= n + before else 0
        pads.append((before, max(after, last + reach - n - before)))
    return window._replace(padding=tuple(pads))


def max_pool(x: Any, kernel: Sizes, window: Window, *, ceil_mode: bool = False) -> Tensor:
    """The largest value in each window; of equal ones the first gets the gradient.

    Args:
        ceil_mode: a last window may hang over the end of the image, if it begins inside.

    Shapes: x (n, c, *size) to (n, c, *places).
    Raises: ShapeError for padding of more than half the window, which could then lie outside the image altogether.
    """
    x = as_tensor(x)
    return bind(_max_pool_of, x, kernel=kernel, window=_reaching(x, kernel, window, ceil_mode))


def _reaching(x: Tensor, kernel: Sizes, window: Window, ceil_mode: bool) -> Window:
    reach = extent(kernel, window.dilation)
    if any(2 * p > r for pair, r in zip(window.pads, reach, strict=True) for p in pair):
        raise ShapeError(
            "a window of a maximum must reach into the image", given=f"padding {window.padding}, window {reach}",
            needed="padding of at most half the window", fix="pad the image itself with ops.pad",
        )  # fmt: skip
    return _ceiling(x.shape, kernel, window) if ceil_mode else window


def max_pool_with_indices(x: Any, kernel: Sizes, window: Window, *, ceil_mode: bool = False) -> tuple[Tensor, Tensor]:
    """`max_pool`, and for each maximum its place in the image in reading order, int64: (values, indices)."""
    x = as_tensor(x)
    window = _reaching(x, kernel, window, ceil_mode)
    taps = bind(_pool_places_of, x.detach(), kernel=kernel, window=window)
    first, steps = _numbered(x.shape[2:], kernel, window)
    return bind(_max_pool_of, x, kernel=kernel, window=window), box(first, None) + box(steps, None)[taps]


def _numbered(size: Sizes, kernel: Sizes, window: Window) -> tuple[Any, Any]:
    """The number of the pixel under the first tap of each window, and what each tap adds to it."""
    rows = [math.prod(size[a + 1 :]) for a in range(len(size))]  # how far it is to the next pixel along each axis
    corners = np.indices(outputs(size, kernel, window))
    before = [pair[0] for pair in window.pads]
    axes = range(len(size))
    first = sum((corners[a] * window.stride[a] - before[a]) * rows[a] for a in axes)
    steps = sum(np.indices(kernel)[a] * window.dilation[a] * rows[a] for a in axes)
    return first, np.reshape(steps, -1)


def max_unpool(x: Any, indices: Any, size: Sizes) -> Tensor:
    """The image of `size` that is zero but for x at the places `indices`, as `max_pool_with_indices` returns them.

    A place that is named twice receives the sum. Shapes: x and indices (n, c, *places); result (n, c, *size).
    """
    x = as_tensor(x)
    flat = reshape(x, (*x.shape[:2], math.prod(x.shape[2:])))
    empty = box(np.zeros((*x.shape[:2], math.prod(size)), x.dtype), None)
    return reshape(scatter_add(empty, 2, reshape(indices, flat.shape), flat), (*x.shape[:2], *size))


def avg_pool(
    x: Any, kernel: Sizes, window: Window, *, ceil_mode: bool = False, count_include_pad: bool = True
) -> Tensor:
    """The mean over each window. Shapes: x (n, c, *size) to (n, c, *places).

    Args:
        ceil_mode: a last window may hang over the end of the image, if it begins inside; what hangs over counts not.
        count_include_pad: padding counts as zeros, or not at all.
    """
    (x,) = promote((x,), floating=True)
    moving = _ceiling(x.shape, kernel, window) if ceil_mode else window
    total = bind(_pool_sum_of, x, kernel=kernel, window=moving)
    if count_include_pad and moving == window:
        return total * (1.0 / math.prod(kernel))
    counts = _counts(x.shape[2:], kernel, moving, window if count_include_pad else None)
    return total / box(counts.astype(x.dtype), None)


def _counts(size: Sizes, kernel: Sizes, window: Window, counted: Window | None) -> Any:
    """How many pixels each window covers, those of the padding of `counted` included."""
    ones = np.ones((1, 1, *size))
    if counted is not None:
        ones = padded(ones, counted, 1.0)
        over = ((0, after - own) for (_, after), (_, own) in zip(window.pads, counted.pads, strict=True))
        window = window._replace(padding=tuple(over))
    return _pool_sum(ones, kernel, window)


def lp_pool(x: Any, p: float, kernel: Sizes, window: Window, *, ceil_mode: bool = False) -> Tensor:
    """The p-norm of each window: (sum of |x|^p)^(1/p), with the gradient 0 where it is 0.

    Raises: UsageError unless p is positive.
    Differs: from PyTorch, which takes x^p for |x|^p: the same for even p, and for x from 0 up.
    """
    if not p > 0:
        raise UsageError("a norm has a positive power", given=f"p={p}", needed="p > 0", fix="use max_pool for infinity")
    (x,) = promote((x,), floating=True)
    moving = _ceiling(x.shape, kernel, window) if ceil_mode else window
    return _power(bind(_pool_sum_of, _power(abs(x), p), kernel=kernel, window=moving), 1 / p)


def _power(size: Tensor, p: float) -> Tensor:
    """size^p for what is not negative, with the gradient 0 at 0."""
    return where(size > 0, where(size > 0, size, 1) ** p, 0)


# The number of axes is the kernel's, so PyTorch's names mean the same functions.
max_pool1d = max_pool2d = max_pool3d = max_pool
avg_pool1d = avg_pool2d = avg_pool3d = avg_pool
