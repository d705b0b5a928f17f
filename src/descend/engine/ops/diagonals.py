"""Diagonals and triangles of matrices: places that a constant of the shape alone selects."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from descend.engine.dtypes import DEFAULT, supported
from descend.engine.errors import ShapeError
from descend.engine.ops.arrange import moveaxis
from descend.engine.ops.elementwise import where
from descend.engine.ops.movement import pad
from descend.engine.ops.reduce import sum
from descend.engine.tensor import Tensor, as_tensor, box


def eye(n: int, m: int | None = None, dtype: Any = DEFAULT) -> Tensor:
    """The (n, m) matrix with ones on its diagonal; m is n if not given."""
    return box(np.eye(n, m, dtype=supported(dtype)), None)


def tril(x: Any, diagonal: int = 0) -> Tensor:
    """The lower triangle of each matrix, zeros above its diagonal of that number (positive ones lie higher)."""
    x = _matrices(x)
    return where(box(np.tri(x.shape[-2], x.shape[-1], diagonal, np.bool_), None), x, 0)


def triu(x: Any, diagonal: int = 0) -> Tensor:
    """The upper triangle of each matrix, zeros below its diagonal of that number (positive ones lie higher)."""
    x = _matrices(x)
    return where(box(np.tri(x.shape[-2], x.shape[-1], diagonal - 1, np.bool_), None), 0, x)


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """x[..., i, i + offset] of the matrices that two axes make; the diagonal comes last in the result."""
    matrices = moveaxis(_matrices(x), (axis1, axis2), (-2, -1))
    n, m = matrices.shape[-2:]
    along = np.arange(max(min(n + min(offset, 0), m - max(offset, 0)), 0))
    return matrices[..., along - min(offset, 0), along + max(offset, 0)]


def trace(x: Any) -> Tensor:
    """The sum of the diagonal of a matrix, or of each of a batch: (..., n, m) to (...)."""
    return sum(diagonal(x, 0, -2, -1), -1)


def diag_embed(x: Any, offset: int = 0) -> Tensor:
    """Matrices that are zero but for their diagonal number `offset`: (..., n) to (..., n + |offset|, n + |offset|)."""
    x, k = as_tensor(x), operator.index(offset)
    if not x.ndim:
        raise ShapeError("a diagonal is a vector", given="()", needed="(..., n)", fix="reshape it with .reshape(1)")
    there = box(np.eye(x.shape[-1] + abs(k), k=k, dtype=np.bool_), None)
    full = pad(x, ((0, 0),) * (x.ndim - 1) + ((0, abs(k)),))
    return where(there, full[..., None] if k >= 0 else full[..., None, :], 0)


def diag(x: Any, offset: int = 0) -> Tensor:
    """The matrix with x on its diagonal, if x is a vector; the diagonal of x, if x is a matrix."""
    x = as_tensor(x)
    return diag_embed(x, offset) if x.ndim == 1 else diagonal(x, offset)


def _matrices(x: Any) -> Tensor:
    matrices = as_tensor(x)
    if matrices.ndim < 2:
        raise ShapeError(
            "a matrix has two axes", given=str(matrices.shape), needed="(..., n, m)", fix="add an axis with x[None]"
        )
    return matrices
