"""Spread, size and order of what lies along an axis: made of reductions and sorting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from descend.engine.errors import ShapeError, UsageError
from descend.engine.ops.arrange import moveaxis
from descend.engine.ops.elementwise import abs, equal, isnan, lerp, less, not_equal, sqrt, square, where
from descend.engine.ops.gather import sort
from descend.engine.ops.movement import reshape, stack
from descend.engine.ops.reduce import max, min, normalized, sum, var
from descend.engine.primitive import promote
from descend.engine.tensor import Axes, Tensor, as_tensor


def std(x: Any, axis: Axes = None, keepdims: bool = False, correction: int = 0) -> Tensor:
    """The square root of the variance; `correction=1` divides by n - 1. Its gradient is infinite where it is 0.

    Differs: from PyTorch, as NumPy does, in correcting nothing unless told to.
    """
    return sqrt(var(x, axis, keepdims, correction))


def norm(x: Any, p: float = 2.0, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The p-norm (sum of |x|^p)^(1/p) over `axis`; the largest |x| for p = inf, the smallest for -inf, a count for 0.

    Its gradient at 0, where it has a kink, is 0. Differs: matrices are vectors of their elements to it.
    """
    (x,) = promote((x,), floating=True)
    if math.isinf(p):
        return (max if p > 0 else min)(abs(x), axis, keepdims)
    if p == 0:
        return count_nonzero(x, axis, keepdims).to(x.dtype)
    if p == 1:
        return sum(abs(x), axis, keepdims)
    if p == 2:
        return _root(sum(square(x), axis, keepdims), sqrt)
    size = abs(x)
    powers = where(equal(size, 0), 0.0 if p > 0 else math.inf, where(equal(size, 0), 1, size) ** p)
    return _root(sum(powers, axis, keepdims), lambda total: total ** (1 / p))


def _root(total: Tensor, root: Any) -> Tensor:
    """The root of what is not negative, with the gradient 0 at 0. NaN stays NaN."""
    return where(equal(total, 0), 0, root(where(equal(total, 0), 1, total)))


def count_nonzero(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """How many elements over `axis` are not 0, int64."""
    return sum(not_equal(x, 0), axis, keepdims)


def all(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Whether every element over `axis` is true (not 0)."""
    return equal(sum(equal(x, 0), axis, keepdims), 0)


def any(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Whether some element over `axis` is true (not 0)."""
    return less(0, count_nonzero(x, axis, keepdims))


def median(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The middle element over `axis`, the lower one of two, as in PyTorch; `quantile(x, 0.5)` is their mean.

    NaN where there is one. Raises: ShapeError over nothing.
    """
    x = as_tensor(x)
    ordered, shape = _ordered(x, axis, keepdims)
    return reshape(_or_nan(ordered[..., (ordered.shape[-1] - 1) // 2], ordered), shape)


def quantile(x: Any, q: float | Sequence[float], axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The value below which a fraction q of the elements over `axis` lies, on the line between the two beside it.

    NaN where there is one. A sequence of fractions gives a first axis of as many values.
    Raises: UsageError for q outside 0 to 1, ShapeError.
    """
    if isinstance(q, (tuple, list)):
        return stack([quantile(x, one, axis, keepdims) for one in q])
    if not 0 <= q <= 1:  # type: ignore[operator]
        raise UsageError("a quantile is a fraction", given=f"q={q}", needed="0 to 1", fix="divide percentages by 100")
    ordered, shape = _ordered(promote((x,), floating=True)[0], axis, keepdims)
    place = q * (ordered.shape[-1] - 1)  # type: ignore[operator]
    low = math.floor(place)
    above = ordered[..., math.ceil(place)]
    return reshape(_or_nan(lerp(ordered[..., low], above, place - low), ordered), shape)


def _or_nan(y: Tensor, ordered: Tensor) -> Tensor:
    """y, or NaN where the last element in order is: it sorts behind all others."""
    last = ordered[..., -1]
    return where(isnan(last), last, y)


def _ordered(x: Tensor, axis: Axes, keepdims: bool) -> tuple[Tensor, list[int]]:
    """What lies over `axis` in increasing order on a new last axis, and the shape that the reduction has."""
    axes = normalized(axis, x.ndim)
    kept = [n for a, n in enumerate(x.shape) if a not in axes]
    n = math.prod(x.shape[a] for a in axes)
    if not n:
        raise ShapeError(
            "nothing has no middle", given=f"shape {x.shape}, axis={axis}", needed="one element or more",
            fix="check for an empty tensor before",
        )  # fmt: skip
    flat = reshape(moveaxis(x, axes, tuple(range(x.ndim - len(axes), x.ndim))), (*kept, n))
    return sort(flat)[0], [1 if a in axes else n for a, n in enumerate(x.shape)] if keepdims else kept
