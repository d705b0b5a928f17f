"""Linear algebra: the matrix product and the affine map of a layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from descend.engine.errors import ShapeError
from descend.engine.ops.movement import reshape
from descend.engine.ops.reduce import sum
from descend.engine.primitive import Primitive, Shape, bind, broadcast_shapes, promote
from descend.engine.samples import cases
from descend.engine.tensor import Tensor


def _product_shape(a: Shape, b: Shape) -> Shape:
    if a[-1] != b[-2]:
        raise ShapeError(
            "the inner lengths of a matrix product differ", given=f"{a} @ {b}",
            needed=f"(..., {a[-1]}) @ ({a[-1]}, ...)",
            fix="transpose one of them with .T, or check the layer sizes",
        )  # fmt: skip
    return (*broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])


def _swap(x: Tensor) -> Tensor:
    return x.transpose(-1, -2)


_matmul = Primitive(
    "matmul", np.matmul, _product_shape,
    (lambda g, y, a, b: matmul(g, _swap(b)), lambda g, y, a, b: matmul(_swap(a), g)),
    samples=cases(
        (((3, 5), (5, 7)), {}), (((1, 1), (1, 1)), {}), (((2, 3, 5), (5, 2)), {}), (((2, 1, 3, 5), (7, 5, 1)), {}),
        (((0, 3), (3, 2)), {}), (((3, 0), (0, 2)), {}),
    ),
)  # fmt: skip


def _affine_shape(x: Shape, w: Shape, b: Shape) -> Shape:
    if len(w) != 2 or not x or x[-1] != w[1] or b != (w[0],):
        raise ShapeError(
            "the input does not fit the layer", given=f"x {x}, weight {w}, bias {b}",
            needed=f"x (..., {w[1] if len(w) == 2 else 'd'}), weight (out, in), bias ({w[0]},)",
            fix="flatten images first, or build the layer for this number of features",
        )  # fmt: skip
    return (*x[:-1], w[0])


def _affine(x: Any, w: Any, b: Any) -> Any:
    if x.shape[-1:] != w.shape[1:] or b.shape != w.shape[:1]:  # a bias of another length might broadcast silently
        _affine_shape(x.shape, w.shape, b.shape)
    return x @ w.T + b


def _rows(x: Tensor) -> Tensor:
    return x if x.ndim == 2 else reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


_affine_of = Primitive(
    "affine", _affine, _affine_shape,
    (
        lambda g, y, x, w, b: matmul(g, w),
        lambda g, y, x, w, b: matmul(_swap(_rows(g)), _rows(x)),
        lambda g, y, x, w, b: sum(_rows(g), 0),
    ),
    samples=cases(
        (((7, 3), (5, 3), (5,)), {}), (((1, 1), (1, 1), (1,)), {}), (((2, 3, 5), (7, 5), (7,)), {}),
        (((0, 3), (2, 3), (2,)), {}), (((3,), (2, 3), (2,)), {}),
    ),
)  # fmt: skip


def matmul(a: Any, b: Any) -> Tensor:
    """The matrix product, broadcast over leading axes; a 1-d operand is a row (left) or a column (right)."""
    a, b = promote((a, b))
    if not a.ndim or not b.ndim:
        raise ShapeError(
            "a matrix product needs axes", given=f"{a.shape} @ {b.shape}", needed="vectors or matrices", fix="use *"
        )
    if a.ndim > 1 and b.ndim > 1:
        return bind(_matmul, a, b)
    left = a if a.ndim > 1 else reshape(a, (1, -1) if a.size else (1, 0))
    right = b if b.ndim > 1 else reshape(b, (b.size, 1))
    y = bind(_matmul, left, right)
    shape = (*y.shape[:-2], *(y.shape[-2:-1] if a.ndim > 1 else ()), *(y.shape[-1:] if b.ndim > 1 else ()))
    return reshape(y, shape)


def affine(x: Any, weight: Any, bias: Any) -> Tensor:
    """x Wᵀ + b: what a linear layer computes. Shapes: x (..., in), weight (out, in), bias (out,); result (..., out)."""
    return bind(_affine_of, *promote((x, weight, bias)))
