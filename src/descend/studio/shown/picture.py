"""Arrays of any shape and size as small pictures: thinned out where they are large, and kept in a byte a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MAPS, _FEW = 64, 16  # maps that are shown: at most, and before they are made coarser
_NAN = -128


@dataclass(frozen=True)
class Kept:
    """An array in a byte a number: code / 127 of `size`, the largest magnitude. NaN stays NaN, infinities are cut."""

    code: NDArray[np.int8]
    size: float

    def numbers(self) -> Array:
        """The array, to a 127th of its largest magnitude. float32."""
        found = self.code.astype(np.float32) * np.float32(self.size / 127)
        found[self.code == _NAN] = np.nan
        return found


def kept(array: Array) -> Kept:
    """The array in a byte a number."""
    finite = array[np.isfinite(array)]
    size = float(np.abs(finite).max()) if finite.size else 0.0
    with np.errstate(invalid="ignore", over="ignore"):
        share = np.clip(np.nan_to_num(array / size, nan=0.0) if size else np.nan_to_num(np.sign(array)), -1, 1)
    code = np.round(127 * share).astype(np.int8)
    code[np.isnan(array)] = _NAN
    return Kept(code, size)


def thinned(shape: Sequence[int], most: int) -> tuple[slice, ...]:
    """Evenly spaced elements, at most `most` of them: a slice an axis, the longest axes thinned out first."""
    steps = [1] * len(shape)
    while _count(shape, steps) > most:
        longest = max(range(len(shape)), key=lambda i: _length(shape[i], steps[i]))
        steps[longest] += 1 + steps[longest] // 8
    return tuple(slice(None, None, step) for step in steps)


def thinned_maps(shape: Sequence[int], most: int) -> tuple[slice, ...]:
    """The same of maps (c, ..., h, w): rather fewer maps than coarser ones, and both sides of a map alike."""
    sides = math.prod(shape[-2:])
    maps = max(1, min(MAPS, math.prod(shape[:-2]), max(_FEW, most // max(1, sides))))
    step = max(1, math.ceil(math.sqrt(maps * sides / most)))
    along = max(1, math.ceil(math.prod(shape[:-2]) / maps))
    return (slice(None, None, along), *[slice(None, None, 1)] * (len(shape) - 3), *[slice(None, None, step)] * 2)


def pictures(array: Array) -> Array:
    """What one example makes of a layer, or a parameter, as pictures in a row. Shapes: any to (m, h, w).

    (c, h, w) are m = c pictures; (h, w) is one; (d,) is one, in rows of about twice their number; more axes are
    merged into the first.
    """
    if array.ndim == 2:
        return array[None]
    if array.ndim >= 3:
        return array.reshape(-1, *array.shape[-2:])
    return in_rows(array.reshape(-1))[None]


def in_rows(values: Array) -> Array:
    """A list of numbers in rows, twice as wide as high; what is left over at the end is NaN. Shapes: (d,) to (h, w)."""
    width = values.size if values.size <= 16 else int(np.ceil(np.sqrt(2 * values.size)))
    rows = -(-values.size // max(width, 1))
    filled = np.full(rows * width, np.nan, np.float32)
    filled[: values.size] = values
    return filled.reshape(rows, width)


def tiled(kernels: Array) -> Array:
    """Kernels as one picture with a line of NaN between them: a row for each input, a column for each output.

    Where there are many outputs, they follow one another in bands, so that the picture is about three times as wide
    as high. Shapes: (o, i, h, w) to (b i (h + 1) - 1, o / b (w + 1) - 1) in b bands.
    """
    o, i, h, w = kernels.shape
    bands = max(1, round(math.sqrt(o / (3 * i))))
    columns = -(-o // bands)
    spaced = np.full((bands * columns, i, h + 1, w + 1), np.nan, np.float32)
    spaced[:o, :, :h, :w] = kernels
    rows = spaced.reshape(bands, columns, i, h + 1, w + 1).transpose(0, 2, 3, 1, 4)
    return np.asarray(rows.reshape(bands * i * (h + 1), columns * (w + 1))[:-1, :-1])


def coloured(kernels: Array) -> Array:
    """Kernels of three inputs as colours, grey for 0. Shapes: (o, 3, h, w) to (o, h, w, 3), uint8."""
    size = float(np.nanmax(np.abs(kernels), initial=0.0)) or 1.0
    return np.round(127.5 + 127.5 * np.nan_to_num(np.moveaxis(kernels, 1, -1)) / size).astype(np.uint8)


def note(shape: Sequence[int], cuts: Sequence[slice]) -> str:
    """How much of an array of this shape is seen through the cuts: "64 of 100 x 58 of 800"; "" for all of it."""
    if all(cut.step == 1 for cut in cuts):
        return ""
    told = [f"{_length(n, cut.step):,} of {n:,}" if cut.step > 1 else f"{n:,}" for n, cut in zip(shape, cuts)]
    return " × ".join(told)


def _length(n: int, step: int) -> int:
    return -(-n // step)


def _count(shape: Sequence[int], steps: Sequence[int]) -> int:
    return math.prod(map(_length, shape, steps))
