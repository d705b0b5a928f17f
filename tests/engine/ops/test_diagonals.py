"""Diagonals and triangles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import ops
from tests.engine.ops.agreement import agrees, real, same
from tests.engine.ops.refusal import check_refused

OFFSETS = [-4, -2, -1, 0, 1, 3, 6]
offsets = pytest.mark.parametrize("offset", OFFSETS)
shapes = pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2), (2, 3, 4), (0, 3, 3), (1, 1)])


@offsets
@shapes
@pytest.mark.parametrize("name", ["tril", "triu"])
def test_triangles_are_pytorch_s(name: str, shape: tuple[int, ...], offset: int) -> None:
    agrees(lambda x: getattr(ops, name)(x, offset), lambda x: getattr(torch, name)(x, offset), real(*shape))


def test_a_triangle_hides_what_is_not_finite() -> None:
    assert ops.tril(np.array([[1.0, np.nan], [2.0, 3.0]])).tolist() == [[1.0, 0.0], [2.0, 3.0]]


@pytest.mark.parametrize("offset", [-2, -1, 0, 1, 3])
@pytest.mark.parametrize("axes", [(0, 1), (2, 0), (-1, -3), (1, 2)])
def test_diagonals_are_pytorch_s(offset: int, axes: tuple[int, int]) -> None:
    agrees(lambda x: ops.diagonal(x, offset, *axes), lambda x: x.diagonal(offset, *axes), real(3, 4, 5))


@offsets
@pytest.mark.parametrize("shape", [(3,), (2, 3), (0, 3), (2, 1)])
def test_matrices_of_diagonals_are_pytorch_s(shape: tuple[int, ...], offset: int) -> None:
    agrees(lambda x: ops.diag_embed(x, offset), lambda x: x.diag_embed(offset), real(*shape))


@pytest.mark.parametrize("shape", [(3,), (3, 4), (4, 3)])
def test_diag_goes_both_ways(shape: tuple[int, ...]) -> None:
    agrees(lambda x: ops.diag(x, 1), lambda x: x.diag(1), real(*shape))


def test_the_trace_is_the_sum_of_the_diagonal() -> None:
    agrees(ops.trace, torch.trace, real(3, 5))
    x = real(2, 4, 4)
    same(ops.trace(x), np.trace(x, axis1=1, axis2=2))


def test_the_identity() -> None:
    same(ops.eye(3, dtype=np.float64), np.eye(3))
    same(ops.eye(2, 3), np.eye(2, 3))
    assert ops.eye(2).dtype == np.float32


@pytest.mark.parametrize("call", [
    lambda: ops.tril(real(3)), lambda: ops.trace(real(3)), lambda: ops.diagonal(real(3)), lambda: ops.diag_embed(1.0),
    lambda: ops.diagonal(real(2, 3, 4), 0, 1, 1), lambda: ops.diagonal(real(2, 3), 0, 0, 2),
])  # fmt: skip
def test_what_is_no_matrix_is_refused(call: Any) -> None:
    check_refused(call)
