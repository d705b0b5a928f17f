"""Windows that slide over images, sequences and volumes: their geometry, and the two adjoint maps made of it.

Everything here is on arrays of shape (n, c, *size), with one, two or three axes in `size`. `columns` lays every window
out as a column, `fold` adds every column back into the image it was cut from.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from descend.engine.errors import ShapeError, UsageError
from descend.engine.primitive import Primitive, Shape, bind, promote
from descend.engine.samples import Sampled, real
from descend.engine.tensor import Tensor

Sizes = tuple[int, ...]
Pads = tuple[int | tuple[int, int], ...]


class Window(NamedTuple):
    """How a window moves: its stride, the padding around the image, and the spacing of its taps; one number an axis.

    A padding may also be a pair (before, after). `sliding` makes a window from single numbers.
    """

    stride: Sizes = (1, 1)
    padding: Pads = (0, 0)
    dilation: Sizes = (1, 1)

    @property
    def pads(self) -> tuple[tuple[int, int], ...]:
        """The padding before and after each axis."""
        return tuple(p if isinstance(p, tuple) else (p, p) for p in self.padding)


def sliding(kernel: Sizes, stride: int | Sizes = 1, padding: int | Pads | str = 0, dilation: int | Sizes = 1) -> Window:
    """The `Window` for a kernel of these lengths; a single number counts for every axis.

    Args:
        padding: "same" keeps the length of the image at stride 1 (an odd rest goes behind it, as in PyTorch);
            "valid" is 0.

    Raises: UsageError for "same" with another stride.
    """
    d = len(kernel)
    steps, spacing = spread(stride, d), spread(dilation, d)
    if padding == "same":
        if set(steps) - {1}:
            raise UsageError(
                "padding that keeps the size goes with a stride of 1", given=f"stride {stride}", needed="stride 1",
                fix="give the padding as numbers",
            )  # fmt: skip
        total = [(k - 1) * s for k, s in zip(kernel, spacing, strict=True)]
        return Window(steps, tuple((t // 2, t - t // 2) if t % 2 else t // 2 for t in total), spacing)
    return Window(steps, spread(0 if padding == "valid" else padding, d), spacing)


def spread(number: Any, d: int) -> Any:
    """One number for each of d axes. Raises: ShapeError for a sequence of another length."""
    if not isinstance(number, (tuple, list)):
        return (operator.index(number),) * d
    if len(number) != d:
        raise ShapeError(
            "a window has one number an axis", given=f"{number}", needed=f"{d} numbers, or one for all",
            fix="check that the kernel has as many axes as the image",
        )  # fmt: skip
    return tuple(number)


def extent(kernel: Sizes, dilation: Sizes) -> Sizes:
    """How far a window reaches along each axis."""
    return tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))


def outputs(size: Sizes, kernel: Sizes, window: Window) -> Sizes:
    """How many places a window takes along each axis. Raises: ShapeError where it does not fit."""
    if {len(size)} != {len(kernel), len(window.stride), len(window.padding), len(window.dilation)}:
        raise ShapeError(
            "the window has another number of axes than the image", given=f"image {size}, kernel {kernel}, {window}",
            needed=f"{len(size)} numbers each", fix="use conv1d for sequences, conv2d for images, conv3d for volumes",
        )  # fmt: skip
    if min(*kernel, *window.stride, *window.dilation) < 1 or min(min(pair) for pair in window.pads) < 0:
        raise ShapeError(
            "a window covers something and moves forwards", given=f"kernel {kernel}, {window}",
            needed="kernel, stride and dilation from 1 up, padding from 0 up", fix="a stride of 1 is the usual one",
        )  # fmt: skip
    reach = extent(kernel, window.dilation)
    room = [n + sum(pair) - r for n, pair, r in zip(size, window.pads, reach, strict=True)]
    if min(room) < 0:
        raise ShapeError(
            "the window is larger than the image", given=f"image {size}, window {reach}, padding {window.padding}",
            needed="a window that fits", fix="use a smaller kernel, more padding, or fewer poolings before it",
        )  # fmt: skip
    return tuple(left // stride + 1 for left, stride in zip(room, window.stride, strict=True))


def padded(x: Any, window: Window, value: float = 0.0) -> Any:
    """x with `value` around it."""
    if not any(map(any, window.pads)):
        return x
    out = np.full((*x.shape[:2], *_outer(x.shape[2:], window)), value, x.dtype)
    cut(out, x.shape[2:], window)[...] = x
    return out


def _outer(size: Sizes, window: Window) -> Sizes:
    return tuple(n + sum(pair) for n, pair in zip(size, window.pads, strict=True))


def cut(x: Any, size: Sizes, window: Window) -> Any:
    """The image of `size` inside its padding."""
    return x[(slice(None), slice(None), *(slice(p, p + n) for (p, _), n in zip(window.pads, size, strict=True)))]


def tap_slices(out: Sizes, kernel: Sizes, window: Window) -> Iterator[tuple[slice, ...]]:
    """For each tap of the window, in reading order, which elements of the padded image it sees."""
    for tap in product(*map(range, kernel)):
        moved = zip(tap, out, window.stride, window.dilation, strict=True)
        yield (slice(None), slice(None), *(slice(i * d, i * d + (n - 1) * s + 1, s) for i, n, s, d in moved))


def columns(x: Any, kernel: Sizes, window: Window) -> Any:
    """Every window as a column: (n, c * taps, places)."""
    out = outputs(x.shape[2:], kernel, window)
    d = len(kernel)
    views = sliding_window_view(padded(x, window), extent(kernel, window.dilation), tuple(range(2, 2 + d)))
    places = (slice(0, (n - 1) * s + 1, s) for n, s in zip(out, window.stride, strict=True))
    taps = (slice(None, None, s) for s in window.dilation)
    views = views[(slice(None), slice(None), *places, *taps)]
    order = (0, 1, *range(2 + d, 2 + 2 * d), *range(2, 2 + d))
    return views.transpose(order).reshape(x.shape[0], x.shape[1] * math.prod(kernel), math.prod(out))


def fold_columns(columns: Any, size: Sizes, kernel: Sizes, window: Window) -> Any:
    """The adjoint of `columns`: add every column back into the image it was cut from."""
    out = outputs(size, kernel, window)
    n, channels = columns.shape[0], columns.shape[1] // math.prod(kernel)
    taps = columns.reshape(n, channels, math.prod(kernel), *out)
    image = np.zeros((n, channels, *_outer(size, window)), columns.dtype)
    for number, slices in enumerate(tap_slices(out, kernel, window)):
        image[slices] += taps[:, :, number]
    return cut(image, size, window)


# (image, kernel, window) of each number of axes: empty, of length 1, unequal lengths, strides, paddings, dilations.
SHAPES: dict[int, list[tuple[Shape, Sizes, Window]]] = {
    1: [
        ((2, 4, 7), (3,), Window((2,), (1,), (1,))),
        ((1, 2, 5), (2,), Window((1,), ((0, 1),), (3,))),
        ((0, 2, 5), (3,), Window((1,), (0,), (1,))),
    ],
    2: [
        ((2, 4, 5, 7), (3, 2), Window()),
        ((1, 2, 1, 1), (1, 1), Window()),
        ((2, 2, 7, 5), (3, 3), Window((2, 1), (1, (2, 0)), (1, 1))),
        ((1, 2, 7, 8), (2, 3), Window((3, 2), (0, 1), (2, 2))),
        ((0, 2, 5, 5), (3, 3), Window()),
    ],
    3: [
        ((1, 2, 3, 4, 5), (2, 2, 3), Window((1, 2, 1), (0, 1, 0), (1, 1, 2))),
        ((0, 2, 3, 3, 3), (2, 2, 2), Window((1,) * 3, (0,) * 3, (1,) * 3)),
    ],
}


def _unfold_samples(rng: np.random.Generator) -> Sampled:
    for shapes in SHAPES.values():
        yield from (((real(rng, x),), {"kernel": kernel, "window": window}) for x, kernel, window in shapes)


def _fold_samples(rng: np.random.Generator) -> Sampled:
    for (x,), at in _unfold_samples(rng):
        yield (real(rng, columns(x, **at).shape),), {"size": x.shape[2:], **at}


def _unfolded(shape: Shape, kernel: Sizes, window: Window) -> Shape:
    return (shape[0], shape[1] * math.prod(kernel), math.prod(outputs(shape[2:], kernel, window)))


_unfold_of = Primitive(
    "unfold", columns, _unfolded,
    (lambda g, y, x, kernel, window: bind(_fold_of, g, size=x.shape[2:], kernel=kernel, window=window),),
    samples=_unfold_samples,
)  # fmt: skip

_fold_of: Primitive = Primitive(
    "fold", fold_columns, lambda shape, size, kernel, window: (shape[0], shape[1] // math.prod(kernel), *size),
    (lambda x, y, g, size, kernel, window: bind(_unfold_of, x, kernel=kernel, window=window),),
    samples=_fold_samples,
)  # fmt: skip


def unfold(x: Any, kernel: Sequence[int], window: Window | None = None) -> Tensor:
    """Every window of x as a column: (n, c, *size) to (n, c * taps, places)."""
    (x,) = promote((x,))
    lengths = tuple(kernel)
    return bind(_unfold_of, x, kernel=lengths, window=window or sliding(lengths))


def fold(x: Any, size: Sequence[int], kernel: Sequence[int], window: Window | None = None) -> Tensor:
    """The adjoint of `unfold`: columns added back into images of `size`. Raises: ShapeError if they do not fit."""
    (x,) = promote((x,))
    lengths = tuple(kernel)
    moving = window or sliding(lengths)
    places = math.prod(outputs(tuple(size), lengths, moving))
    if x.ndim != 3 or x.shape[1] % math.prod(lengths) or x.shape[2] != places:
        raise ShapeError(
            "these columns do not make an image", given=f"{x.shape} for images of {tuple(size)}, kernel {lengths}",
            needed=f"(n, c * {math.prod(lengths)}, {places})", fix="fold undoes unfold with the same kernel and window",
        )  # fmt: skip
    return bind(_fold_of, x, size=tuple(size), kernel=lengths, window=moving)
