"""Taking apart, repeating and turning: arrangements made of reshape, permute, expand, index and concat."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from descend.engine.errors import ShapeError
from descend.engine.ops.movement import concat, expand, permute, reshape
from descend.engine.ops.reduce import axis_number, normalized
from descend.engine.tensor import Axes, Tensor, as_tensor


def unsqueeze(x: Any, axis: int) -> Tensor:
    """A new axis of length 1 at place `axis` of the result."""
    x = as_tensor(x)
    place = axis_number(axis, x.ndim + 1)
    return reshape(x, (*x.shape[:place], 1, *x.shape[place:]))


def squeeze(x: Any, axis: Axes = None) -> Tensor:
    """Without the axes of length 1: all of them, or those of `axis` that have it."""
    x = as_tensor(x)
    gone = {a for a in normalized(axis, x.ndim) if x.shape[a] == 1}
    return reshape(x, [n for a, n in enumerate(x.shape) if a not in gone])


def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """The axes `source` at the places `destination`; the others keep their order."""
    x = as_tensor(x)
    taken, put = _in_order(source, x.ndim), _in_order(destination, x.ndim)
    if len(taken) != len(put) or len(set(taken)) != len(taken) or len(set(put)) != len(put):
        raise ShapeError(
            "each axis that moves needs one place", given=f"{source} to {destination}",
            needed="as many different places as different axes", fix="name each axis once",
        )  # fmt: skip
    order = [a for a in range(x.ndim) if a not in taken]
    for place, axis in sorted(zip(put, taken, strict=True)):
        order.insert(place, axis)
    return permute(x, order)


def _in_order(axes: int | Sequence[int], ndim: int) -> list[int]:
    return [axis_number(a, ndim) for a in (axes if isinstance(axes, (tuple, list)) else (axes,))]


def broadcast_to(x: Any, shape: Sequence[int]) -> Tensor:
    """x repeated along new axes and axes of length 1 until it has `shape`: NumPy's name for `expand`."""
    return expand(x, shape)


def flatten(x: Any, start_axis: int = 0, end_axis: int = -1) -> Tensor:
    """The axes from `start_axis` to `end_axis` merged into one; a number becomes a vector of one."""
    x = as_tensor(x)
    if not x.ndim:
        return reshape(x, (1,))
    first, last = axis_number(start_axis, x.ndim), axis_number(end_axis, x.ndim)
    if first > last:
        raise ShapeError(
            "the first axis to merge comes after the last", given=f"{start_axis} to {end_axis} of shape {x.shape}",
            needed="an axis and a later one", fix="exchange the two",
        )  # fmt: skip
    merged = int(np.prod(x.shape[first : last + 1], dtype=np.int64))
    return reshape(x, (*x.shape[:first], merged, *x.shape[last + 1 :]))


def split(x: Any, sizes: int | Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
    """x cut along `axis` into pieces of the lengths `sizes`; one number: pieces of that length, a shorter one last.

    Raises: ShapeError unless the lengths add up to the axis.
    """
    x = as_tensor(x)
    a = axis_number(axis, x.ndim)
    lengths = _lengths(sizes, x.shape[a])
    if sum(lengths) != x.shape[a] or min(lengths, default=0) < 0:
        raise ShapeError(
            "the pieces do not make up the axis", given=f"lengths {lengths} for an axis of {x.shape[a]}",
            needed=f"lengths from 0 up that add up to {x.shape[a]}", fix="or give one length for all pieces",
        )  # fmt: skip
    ends = list(accumulate(lengths))
    return tuple(x[(slice(None),) * a + (slice(end - n, end),)] for n, end in zip(lengths, ends, strict=True))


def _lengths(sizes: int | Sequence[int], n: int) -> list[int]:
    if isinstance(sizes, (tuple, list)):
        return [operator.index(size) for size in sizes]
    size = operator.index(sizes)  # type: ignore[arg-type]
    if size < 1:
        raise ShapeError("a piece has a length", given=str(size), needed="1 or more", fix="how long is each piece?")
    return [size] * (n // size) + ([n % size] if n % size or not n else [])


def chunk(x: Any, chunks: int, axis: int = 0) -> tuple[Tensor, ...]:
    """x cut along `axis` into `chunks` pieces of equal length, the last one shorter where it does not come out even.

    As in PyTorch there may be fewer pieces than asked for: 6 elements in 4 chunks are three pieces of 2.
    """
    x = as_tensor(x)
    if chunks < 1:
        raise ShapeError("a tensor is cut into pieces", given=f"{chunks} chunks", needed="1 or more", fix="chunks=1")
    n = x.shape[axis_number(axis, x.ndim)]
    return split(x, max(-(-n // chunks), 1), axis)


def unbind(x: Any, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices of x along `axis`, without that axis."""
    x = as_tensor(x)
    a = axis_number(axis, x.ndim)
    return tuple(x[(slice(None),) * a + (i,)] for i in range(x.shape[a]))


def roll(x: Any, shifts: int | Sequence[int], axis: Axes = None) -> Tensor:
    """The elements moved `shifts` places on along `axis`; what falls off the end comes back at the beginning.

    Without an axis the elements move in reading order. Shifts and axes may be sequences of one length.
    """
    rolled = as_tensor(x)
    if axis is None:
        return reshape(roll(reshape(rolled, (rolled.size,)), shifts, 0), rolled.shape)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    steps = shifts if isinstance(shifts, (tuple, list)) else (shifts,)
    if len(axes) != len(steps):
        raise ShapeError(
            "each axis that is rolled needs a shift", given=f"shifts {shifts}, axes {axis}",
            needed="as many shifts as axes", fix="give one number and one axis, or two tuples",
        )  # fmt: skip
    for a, step in zip(axes, steps, strict=True):
        rolled = _rolled(rolled, operator.index(step), axis_number(a, rolled.ndim))
    return rolled


def _rolled(x: Tensor, step: int, axis: int) -> Tensor:
    cut = -step % x.shape[axis] if x.shape[axis] else 0
    if not cut:
        return x
    before = (slice(None),) * axis
    return concat([x[(*before, slice(cut, None))], x[(*before, slice(cut))]], axis)


def tile(x: Any, times: Sequence[int]) -> Tensor:
    """x repeated as a whole times[i] times along axis i; counted from the last axis, and missing ones are 1."""
    x = as_tensor(x)
    d = max(x.ndim, len(times))
    counts = (*(1,) * (d - len(times)), *times)
    lengths = (*(1,) * (d - x.ndim), *x.shape)
    spread = expand(reshape(x, _alternating((1,) * d, lengths)), _alternating(counts, lengths))
    return reshape(spread, [n * length for n, length in zip(counts, lengths, strict=True)])


def _alternating(a: Sequence[int], b: Sequence[int]) -> list[int]:
    return [n for pair in zip(a, b, strict=True) for n in pair]


def repeat_interleave(x: Any, times: Any, axis: int | None = None) -> Tensor:
    """Each element `times` times in succession along `axis`; without an axis, of the elements in reading order.

    `times` may be one number for each element. Raises: ShapeError.
    """
    tensor: Tensor = as_tensor(x)
    if axis is None:
        return repeat_interleave(reshape(tensor, (tensor.size,)), times, 0)
    a = axis_number(axis, tensor.ndim)
    before, n, after = tensor.shape[:a], tensor.shape[a], tensor.shape[a + 1 :]
    if np.ndim(times):
        return tensor[(slice(None),) * a + (np.repeat(np.arange(n), _counts(times, n)),)]
    spread = expand(reshape(tensor, (*before, n, 1, *after)), (*before, n, times, *after))
    return reshape(spread, (*before, n * times, *after))


def _counts(times: Any, n: int) -> Any:
    counts = as_tensor(times).numpy()
    if counts.dtype.kind not in "iu" or counts.shape != (n,) or counts.min(initial=0) < 0:
        raise ShapeError(
            "there is one count for each element", given=f"{counts.dtype}{counts.shape}: {counts.tolist()}",
            needed=f"{n} whole numbers from 0 up", fix="or give one number for all elements",
        )  # fmt: skip
    return counts
