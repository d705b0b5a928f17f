"""Images at other sizes: interpolation, adaptive pooling, pixels moved between space and channels.

Linear resampling treats each axis by itself, as a product with a constant matrix of the two lengths alone; so its
gradient is the product's.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from descend.engine.errors import ShapeError, UsageError, near_miss
from descend.engine.ops.arrange import moveaxis, repeat_interleave
from descend.engine.ops.linalg import matmul
from descend.engine.ops.movement import permute, reshape
from descend.engine.ops.reduce import max
from descend.engine.primitive import promote
from descend.engine.tensor import Tensor, as_tensor, box

_LINEAR = ("linear", "bilinear", "trilinear")


def _along(x: Tensor, axis: int, matrix: Any) -> Tensor:
    """The matrix applied to every row of x along `axis`."""
    return moveaxis(matmul(moveaxis(x, axis, -1), box(matrix.T.astype(x.dtype), None)), -1, axis)


def interpolate(
    x: Any, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest", align_corners: bool = False,
) -> Tensor:  # fmt: skip
    """Images at another size. Shapes: x (n, c, *old) to (n, c, *size).

    Args:
        size: the new lengths, or scale_factor: how many times the old ones (rounded down); one of the two.
        mode: "nearest" takes the pixel at floor(i old / new); "linear" ("bilinear", "trilinear") lies on the line
            between the two pixels beside it.
        align_corners: pixels are points, and the corner points stay where they are; otherwise pixels are areas.

    Raises: UsageError, ShapeError.
    Differs: from PyTorch, where a scale factor that does not come out even shifts the pixels by it.
    """
    if mode != "nearest" and mode not in _LINEAR:
        raise UsageError(
            f"there is no way {mode!r} to interpolate", given=repr(mode), needed="nearest, linear",
            fix=near_miss(mode, ("nearest", *_LINEAR)) or "leave it out",
        )  # fmt: skip
    y = as_tensor(x) if mode == "nearest" else promote((x,), floating=True)[0]
    for axis, (old, new) in enumerate(zip(y.shape[2:], _size(y, size, scale_factor), strict=True), 2):
        if mode == "nearest":
            y = _nearest(y, axis, old, new)
        elif old != new:
            y = _along(y, axis, _blend(old, new, align_corners))
    return y


def _nearest(x: Tensor, axis: int, old: int, new: int) -> Tensor:
    if old and new % old == 0:  # the adjoint of repeating is a sum, much quicker than that of taking by index
        return repeat_interleave(x, new // old, axis)
    return x[(slice(None),) * axis + (np.arange(new) * old // new,)]


def _size(x: Tensor, size: Any, scale_factor: Any) -> list[int]:
    d = x.ndim - 2
    if d < 1 or (size is None) == (scale_factor is None):
        raise UsageError(
            "interpolation needs images and their new size", given=f"x {x.shape}, size {size}, scale {scale_factor}",
            needed="x (n, c, ...) and either size or scale_factor", fix="give one of the two",
        )  # fmt: skip
    given = scale_factor if size is None else size
    each = list(given) if isinstance(given, (tuple, list)) else [given] * d
    new = [math.floor(n * s) for n, s in zip(x.shape[2:], each, strict=False)] if size is None else each
    if len(each) != d or any(operator.index(n) < 1 for n in new):
        raise ShapeError(
            "an image has a length along each axis", given=f"{given} for images {x.shape[2:]}",
            needed=f"{d} numbers of at least one pixel", fix="one number counts for every axis",
        )  # fmt: skip
    return new


def _blend(old: int, new: int, align_corners: bool) -> Any:
    """The matrix (new, old) of linear interpolation along one axis."""
    if align_corners:
        at = np.arange(new) * ((old - 1) / (new - 1) if new > 1 else 0.0)
    else:
        at = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    low = np.minimum(np.floor(at).astype(np.int64), old - 1)
    part = (at - low)[:, None]
    pixels = np.eye(old)
    return (1 - part) * pixels[low] + part * pixels[np.minimum(low + 1, old - 1)]


# Adaptive pooling: the image cut into a given number of windows, as equal as possible.


def _bounds(old: int, new: int) -> list[tuple[int, int]]:
    return [(i * old // new, -(-(i + 1) * old // new)) for i in range(new)]


def adaptive_avg_pool(x: Any, size: int | Sequence[int | None]) -> Tensor:
    """Means over windows from floor(i old / new) to ceil((i + 1) old / new). Shapes: x (n, c, *old) to (n, c, *size).

    A size of None leaves its axis as it is. Raises: ShapeError.
    """
    (y,) = promote((x,), floating=True)
    for axis, (old, new) in enumerate(zip(y.shape[2:], _wanted(y, size), strict=True), 2):
        if new != old:
            y = _along(y, axis, _means(old, new))
    return y


def _means(old: int, new: int) -> Any:
    matrix = np.zeros((new, old))
    for i, (start, stop) in enumerate(_bounds(old, new)):
        matrix[i, start:stop] = 1 / (stop - start)
    return matrix


def adaptive_max_pool(x: Any, size: int | Sequence[int | None]) -> Tensor:
    """The largest value in each of the windows of `adaptive_avg_pool`; equal ones of a row share the gradient."""
    y = as_tensor(x)
    for axis, (old, new) in enumerate(zip(y.shape[2:], _wanted(y, size), strict=True), 2):
        bounds = _bounds(old, new)
        widest = -(-old // new) + 1
        # A window that is shorter names its last pixel again.
        taps = np.array([[min(start + tap, stop - 1) for tap in range(widest)] for start, stop in bounds])
        y = max(y[(slice(None),) * axis + (taps,)], axis + 1)
    return y


def _wanted(x: Tensor, size: int | Sequence[int | None]) -> list[int]:
    d = x.ndim - 2
    each: list[Any] = list(size) if isinstance(size, (tuple, list)) else [size] * d
    wanted = [old if new is None else operator.index(new) for old, new in zip(x.shape[2:], each, strict=False)]
    if d < 1 or len(each) != d or min(*wanted, *x.shape[2:]) < 1:
        raise ShapeError(
            "the images do not fit this adaptive pooling", given=f"x {x.shape}, size {size}",
            needed="x (n, c, ...) with pixels, one number from 1 up an axis", fix="one number counts for every axis",
        )  # fmt: skip
    return wanted


def pixel_shuffle(x: Any, factor: int) -> Tensor:
    """Channels laid out as pixels: (n, c r², h, w) to (n, c, h r, w r).

    Source: Shi et al. 2016, arXiv:1609.05158, Eq. 4. Raises: ShapeError.
    """
    x, r = as_tensor(x), operator.index(factor)
    if x.ndim != 4 or r < 1 or x.shape[1] % (r * r):
        raise ShapeError(
            "the channels do not make larger images", given=f"{x.shape} with factor {r}",
            needed=f"(n, c * {r * r}, h, w)", fix="let the layer before it give factor² channels for each one",
        )  # fmt: skip
    n, c, h, w = x.shape
    y = permute(reshape(x, (n, c // (r * r), r, r, h, w)), (0, 1, 4, 2, 5, 3))
    return reshape(y, (n, c // (r * r), h * r, w * r))


def pixel_unshuffle(x: Any, factor: int) -> Tensor:
    """Pixels laid out as channels, which undoes `pixel_shuffle`: (n, c, h r, w r) to (n, c r², h, w)."""
    x, r = as_tensor(x), operator.index(factor)
    if x.ndim != 4 or r < 1 or x.shape[2] % r or x.shape[3] % r:
        raise ShapeError(
            "the images cannot be cut into squares", given=f"{x.shape} with factor {r}",
            needed=f"(n, c, h, w) with h and w multiples of {r}", fix="crop or pad them first",
        )  # fmt: skip
    n, c, h, w = x.shape
    y = permute(reshape(x, (n, c, h // r, r, w // r, r)), (0, 1, 3, 5, 2, 4))
    return reshape(y, (n, c * r * r, h // r, w // r))
