"""Running sums, products and maxima along an axis, and the product, all made by combining neighbours.

A running product by doubling: combine each element with the one 1 before it, then 2, 4, ... before it. Every step is an
ordinary elementwise operation, so the gradient is right where elements are 0, to any order, without a rule of its own.
Source: Hillis and Steele 1986, "Data parallel algorithms".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from descend.engine.ops.arrange import moveaxis
from descend.engine.ops.elementwise import logaddexp, maximum, mul
from descend.engine.ops.movement import concat, flip, reshape
from descend.engine.ops.reduce import axis_number, normalized, sum
from descend.engine.primitive import Primitive, bind, promote
from descend.engine.samples import cases
from descend.engine.tensor import Axes, Tensor, as_tensor


def _cumsum(x: Any, axis: int) -> Any:
    return np.add.accumulate(x, axis, np.int64 if x.dtype.kind in "bu" else None)


_cumsum_of = Primitive(
    "cumsum", _cumsum, lambda shape, axis: shape,
    (lambda g, y, x, axis: flip(cumsum(flip(g, axis), axis), axis),),
    samples=cases(
        (((7,),), {"axis": 0}), (((3, 5),), {"axis": 0}), (((2, 1, 3),), {"axis": 2}), (((0, 3),), {"axis": 1}),
        (((0, 3),), {"axis": 0}),
    ),
)  # fmt: skip


def cumsum(x: Any, axis: int = -1) -> Tensor:
    """y[i] = x[0] + ... + x[i] along `axis`. Sums of bools and unsigned integers are int64."""
    x = as_tensor(x)
    return bind(_cumsum_of, x, axis=axis_number(axis, x.ndim))


def cumprod(x: Any, axis: int = -1) -> Tensor:
    """y[i] = x[0] * ... * x[i] along `axis`. Products of bools and integers are int64."""
    return _running(mul, _widened(as_tensor(x)), axis)


def cummax(x: Any, axis: int = -1) -> Tensor:
    """y[i] = max(x[0], ..., x[i]) along `axis`. Differs: from PyTorch, which returns the indices too."""
    return _running(lambda before, own: maximum(own, before), as_tensor(x), axis)


def logcumsumexp(x: Any, axis: int = -1) -> Tensor:
    """y[i] = log(exp(x[0]) + ... + exp(x[i])) along `axis`, without overflow."""
    return _running(logaddexp, promote((x,), floating=True)[0], axis)


def _running(combine: Callable[[Tensor, Tensor], Tensor], x: Tensor, axis: int) -> Tensor:
    before = (slice(None),) * axis_number(axis, x.ndim)
    n, step = x.shape[len(before)], 1
    while step < n:
        head, tail = x[(*before, slice(step))], x[(*before, slice(step, None))]
        x = concat([head, combine(x[(*before, slice(n - step))], tail)], len(before))
        step *= 2
    return x


def prod(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The product over `axis` (all axes if None); 1 over nothing. Right with zeros, and so are its gradients.

    Products of bools and integers are int64.
    """
    x = _widened(as_tensor(x))
    axes = normalized(axis, x.ndim)
    kept = [n for a, n in enumerate(x.shape) if a not in axes]
    flat = reshape(moveaxis(x, axes, tuple(range(len(axes)))), (math.prod(x.shape[a] for a in axes), *kept))
    shape = [1 if a in axes else n for a, n in enumerate(x.shape)] if keepdims else kept
    return reshape(_product(flat), shape)


def _widened(x: Tensor) -> Tensor:
    """Integers as int64, in which their products have room."""
    return x if x.dtype.kind == "f" else x.to(np.int64)


def _product(x: Tensor) -> Tensor:
    """The product over the first axis: halves multiplied with each other until one element is left."""
    if not len(x):
        return sum(x, 0) + 1
    while len(x) > 1:
        half = len(x) // 2
        pairs = x[:half] * x[half : 2 * half]
        x = concat([pairs, x[2 * half :]]) if len(x) % 2 else pairs
    return x[0]
