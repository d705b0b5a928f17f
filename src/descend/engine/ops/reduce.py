"""Reductions: sum and what is made of it, the maximum, and the softmax pair. `sum` and `expand` are adjoint."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from descend.engine.errors import ShapeError
from descend.engine.ops.elementwise import exp, log, square, where
from descend.engine.ops.movement import expand, reshape
from descend.engine.primitive import Primitive, Shape, bind, promote
from descend.engine.samples import cases, distinct
from descend.engine.tensor import Axes, Tensor, as_tensor


def normalized(axis: Axes, ndim: int) -> tuple[int, ...]:
    """`axis` as increasing non-negative numbers. Raises: ShapeError for an axis that is not there or named twice."""
    if axis is None:
        return tuple(range(ndim))
    named = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = tuple(sorted(axis_number(a, ndim) for a in named))
    if len(set(axes)) != len(axes):
        raise ShapeError(
            "an axis is named twice", given=f"axis={axis} for {ndim} axes", needed="different axes",
            fix="remember that -1 is the last axis",
        )  # fmt: skip
    return axes


def axis_number(axis: Any, ndim: int) -> int:
    """`axis` counted from 0. Raises: ShapeError for one that is not there."""
    if isinstance(axis, (int, np.integer)) and -ndim <= axis < ndim:
        return int(axis) % ndim
    raise ShapeError(
        f"there is no axis {axis!r}", given=f"a tensor with {ndim} axes",
        needed=f"an axis from {-ndim} to {ndim - 1}" if ndim else "a tensor with axes",
        fix="axes count from 0, or -1 from the end",
    )  # fmt: skip


def _reduced(shape: Shape, axes: tuple[int, ...], keepdims: bool = True) -> Shape:
    kept = [1 if i in axes else length for i, length in enumerate(shape)]
    return tuple(kept) if keepdims else tuple(length for i, length in enumerate(kept) if i not in axes)


def _sum(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    dtype = np.int64 if x.dtype.kind in "bu" else None
    return np.add.reduce(x, axes, dtype, keepdims=keepdims)  # type: ignore[call-overload]


def _spread(g: Tensor, x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    return expand(g if keepdims else reshape(g, _reduced(x.shape, axes)), x.shape)


_axes = cases(
    (((7,),), {"axes": (0,), "keepdims": False}),
    (((3, 5, 2),), {"axes": (0, 2), "keepdims": False}),
    (((3, 5, 2),), {"axes": (1,), "keepdims": True}),
    (((1, 1),), {"axes": (0, 1), "keepdims": False}),
    (((0, 3),), {"axes": (0,), "keepdims": False}),
)
_last = cases((((3, 5),), {}), (((1, 1),), {}), (((2, 3, 7),), {}), (((0, 3),), {}), (((5,),), {}))

_sum_of = Primitive(
    "sum", _sum, _reduced,
    (lambda g, y, x, axes, keepdims: _spread(g, x, axes, keepdims),), samples=_axes,
)  # fmt: skip


def _extremum_cotangent(g: Tensor, y: Tensor, x: Tensor, axes: tuple[int, ...]) -> Tensor:
    # Equal extrema share the gradient equally, as in PyTorch's amax: the mean of the one-sided choices.
    there = (x == y).to(g.dtype)
    return g * (there / sum(there, axes, keepdims=True))


def _extremum(name: str, reduce: Callable[..., Any]) -> Primitive:
    return Primitive(
        name, lambda x, axes: reduce(x, axes, keepdims=True), _reduced,
        (_extremum_cotangent,),
        samples=cases(
            (((7,),), {"axes": (0,)}), (((3, 5, 2),), {"axes": (0, 2)}), (((1, 2),), {"axes": (1,)}),
            (((0, 3),), {"axes": (1,)}), draw=distinct,
        ),
    )  # fmt: skip


_max_of, _min_of = _extremum("max", np.maximum.reduce), _extremum("min", np.minimum.reduce)


def _position(name: str, find: Callable[..., Any]) -> Primitive:
    return Primitive(
        name, find, lambda shape, axis: _reduced(shape, (axis,), keepdims=False), (None,),
        samples=cases(
            (((7,),), {"axis": 0}), (((3, 5, 2),), {"axis": 1}), (((1, 2),), {"axis": 1}), (((0, 3),), {"axis": 1}),
            draw=distinct,
        ),
    )  # fmt: skip


_argmax_of, _argmin_of = _position("argmax", np.argmax), _position("argmin", np.argmin)


def _log_softmax(x: Any) -> Any:
    shifted = x - np.maximum.reduce(x, -1, keepdims=True, initial=-np.inf)
    return shifted - np.log(np.add.reduce(np.exp(shifted), -1, keepdims=True))


def _softmax(x: Any) -> Any:
    weights = np.exp(x - np.maximum.reduce(x, -1, keepdims=True, initial=-np.inf))
    return weights / np.add.reduce(weights, -1, keepdims=True)


_log_softmax_of = Primitive(
    "log_softmax", _log_softmax, lambda shape: shape,
    (lambda g, y, x: g - exp(y) * g.sum(-1, keepdims=True),), samples=_last,
)  # fmt: skip

_softmax_of = Primitive(
    "softmax", _softmax, lambda shape: shape,
    (lambda g, y, x: y * (g - (g * y).sum(-1, keepdims=True)),), samples=_last,
)  # fmt: skip


def sum(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The sum over `axis` (all axes if None). Sums of bools and small integers are int64."""
    x = as_tensor(x)
    return bind(_sum_of, x, axes=normalized(axis, x.ndim), keepdims=keepdims)


def count(shape: Shape, axis: Axes) -> int:
    """How many elements a reduction of `shape` over `axis` takes together."""
    return math.prod([shape[a] for a in normalized(axis, len(shape))])


def mean(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The mean over `axis`; integers become float32. The mean of nothing is NaN."""
    (x,) = promote((x,), floating=True)
    n = count(x.shape, axis)
    return sum(x, axis, keepdims) * (1.0 / n if n else float("nan"))


def var(x: Any, axis: Axes = None, keepdims: bool = False, correction: int = 0) -> Tensor:
    """The mean squared deviation from the mean; `correction=1` divides by n - 1 (Bessel).

    Differs: from PyTorch, as NumPy does, in correcting nothing unless told to.
    """
    (x,) = promote((x,), floating=True)
    left = count(x.shape, axis) - correction
    squares = square(x - mean(x, axis, keepdims=True))
    return sum(squares, axis, keepdims) * (1.0 / left if left > 0 else float("nan"))


def max(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The largest element over `axis`; equal ones share the gradient. Raises: ShapeError over nothing.

    Differs: from PyTorch's `max(dim)`, which gives the places too: those are `argmax`.
    """
    return _extreme(_max_of, x, axis, keepdims)


def min(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The smallest element over `axis`; equal ones share the gradient. Raises: ShapeError over nothing."""
    return _extreme(_min_of, x, axis, keepdims)


def _extreme(primitive: Primitive, x: Any, axis: Axes, keepdims: bool) -> Tensor:
    x = as_tensor(x)
    axes = normalized(axis, x.ndim)
    if not count(x.shape, axis):
        raise ShapeError(
            f"the {primitive.name} of nothing is not defined", given=f"shape {x.shape}, axis={axis}",
            needed="an element",
            fix="check for an empty batch before",
        )  # fmt: skip
    y = bind(primitive, x, axes=axes)
    return y if keepdims else reshape(y, _reduced(x.shape, axes, keepdims=False))


def argmax(x: Any, axis: int = -1) -> Tensor:
    """The place of the first largest element along `axis`, int64.

    Differs: from PyTorch in searching along the last axis, not through all elements, where none is named.
    """
    x = as_tensor(x)
    return bind(_argmax_of, x, axis=axis_number(axis, x.ndim))


def argmin(x: Any, axis: int = -1) -> Tensor:
    """The place of the first smallest element along `axis`, int64."""
    x = as_tensor(x)
    return bind(_argmin_of, x, axis=axis_number(axis, x.ndim))


def softmax(x: Any, axis: int = -1) -> Tensor:
    """exp(x) / sum(exp(x)) along `axis`."""
    return along(_softmax_of, x, axis)


def log_softmax(x: Any, axis: int = -1) -> Tensor:
    """x - log(sum(exp(x))) along `axis`, without overflow."""
    return along(_log_softmax_of, x, axis)


def logsumexp(x: Any, axis: int = -1, keepdims: bool = False) -> Tensor:
    """log(sum(exp(x))) along `axis`, without overflow; infinite maxima are handled. Of nothing it is -inf."""
    (x,) = promote((x,), floating=True)
    if not count(x.shape, axis):
        return log(sum(x, axis, keepdims))
    top = max(x, axis, keepdims=True).detach()
    top = where(top == top - top * 0, top, 0)  # an infinity minus itself is no shift
    result = log(sum(exp(x - top), axis, keepdims=True)) + top
    return result if keepdims else reshape(result, _reduced(x.shape, normalized(axis, x.ndim), keepdims=False))


def along(primitive: Primitive, x: Any, axis: int) -> Tensor:
    """Apply a primitive of the last axis along `axis`."""
    (x,) = promote((x,), floating=True)
    place = axis_number(axis, x.ndim)
    if place == x.ndim - 1:
        return bind(primitive, x)
    return bind(primitive, x.transpose(place, -1)).transpose(place, -1)
