"""Linear systems, determinants, Cholesky's factor."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import ShapeError, SingularError, ops
from tests.engine.ops.agreement import agrees, real, same

A = real(2, 4, 4) + 3 * np.eye(4)
DEFINITE = A @ A.swapaxes(1, 2)
SINGULAR = np.stack([np.eye(3), np.ones((3, 3))])


def test_a_vector_is_one_right_hand_side() -> None:
    agrees(ops.solve, torch.linalg.solve, A[0], real(4))
    agrees(
        lambda a, b: ops.solve_triangular(ops.tril(a), b, upper=False),
        lambda a, b: torch.linalg.solve(a.tril(), b),
        A[0],
        real(4),
    )


def test_batches_of_matrices_broadcast() -> None:
    agrees(ops.solve, torch.linalg.solve, A[0], real(3, 4, 2))
    agrees(ops.solve, torch.linalg.solve, A, real(4, 2))


@pytest.mark.parametrize("upper", [False, True])
def test_the_other_triangle_is_not_looked_at(upper: bool) -> None:
    a = A[0].copy()
    a[np.tril_indices(4, -1) if upper else np.triu_indices(4, 1)] = np.nan
    triangle = np.triu(A[0]) if upper else np.tril(A[0])
    b = real(4, 2)
    same(ops.solve_triangular(a, b, upper=upper), np.linalg.solve(triangle, b))


def test_the_factor_of_a_matrix_that_is_not_symmetric_is_that_of_its_symmetric_part() -> None:
    a = DEFINITE[0] + 0.1 * real(4, 4)
    factor = ops.cholesky(a).numpy()
    np.testing.assert_allclose(factor @ factor.T, (a + a.T) / 2, atol=1e-12)
    assert (np.triu(factor, 1) == 0).all()


def test_determinants_are_pytorch_s() -> None:
    agrees(ops.logdet, torch.logdet, DEFINITE)
    agrees(lambda a: ops.slogdet(a)[1], lambda a: torch.linalg.slogdet(a)[1], A)
    assert ops.slogdet(-np.eye(3))[0].item() == -1
    assert np.isnan(ops.logdet(-np.eye(3)).item())
    assert ops.slogdet(np.ones((2, 2)))[1].item() == -np.inf
    assert ops.logdet(np.eye(60) * 1e10).item() == pytest.approx(60 * np.log(1e10))


def test_determinants_of_singular_matrices_are_0() -> None:
    assert ops.det(np.array([[1.0, 2.0], [2.0, 4.0]])).item() == 0


def test_whole_numbers_become_float32() -> None:
    assert ops.inv([[2, 0], [0, 4]]).tolist() == [[0.5, 0.0], [0.0, 0.25]]
    assert ops.inv([[2, 0], [0, 4]]).dtype == np.float32


@pytest.mark.parametrize("call", [
    lambda: ops.inv(SINGULAR), lambda: ops.solve(SINGULAR, real(3, 1)), lambda: ops.matrix_power(SINGULAR, -1),
    lambda: ops.solve_triangular(np.diag([1.0, 0.0]), real(2), upper=True),
])  # fmt: skip
def test_singular_matrices_are_refused(call: Any) -> None:
    with pytest.raises(SingularError, match=r"singular|diagonal") as caught:
        call()
    assert caught.value.given
    assert caught.value.needed
    assert caught.value.fix


def test_the_singular_one_of_a_batch_is_named() -> None:
    with pytest.raises(SingularError) as caught:
        ops.inv(SINGULAR)
    assert caught.value.given == "shape (2, 3, 3), number 1 of the batch"


def test_a_matrix_that_is_not_positive_definite_is_refused() -> None:
    with pytest.raises(SingularError, match="not positive definite"):
        ops.cholesky(-np.eye(2))


@pytest.mark.parametrize("call", [
    lambda: ops.inv(real(2, 3)), lambda: ops.det(real(3)), lambda: ops.cholesky(real(2, 3)), lambda: ops.solve(real(2, 3), real(3)),
    lambda: ops.solve(real(3, 3), real(2, 1)), lambda: ops.slogdet(real(2, 3)), lambda: ops.solve(real(2, 3, 3), real(3, 3, 1)),
    lambda: ops.solve_triangular(real(3, 3), real(4), upper=True), lambda: ops.solve(real(3, 3), 1.0),
])  # fmt: skip
def test_what_does_not_fit_is_refused(call: Any) -> None:
    with pytest.raises(ShapeError) as caught:
        call()
    assert caught.value.given
