"""Decompositions: they multiply back, their gradients are those of functions that do not depend on signs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import Tensor, grad, ops
from descend.engine.ops import spectral
from tests.engine.ops.agreement import agrees, checked, real, same
from tests.engine.ops.refusal import check_refused

SYMMETRIC = real(2, 4, 4)
SYMMETRIC = SYMMETRIC + SYMMETRIC.swapaxes(1, 2)
shapes = pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 3, 2), (1, 1), (0, 3, 2)])


def orthonormal(q: Any) -> None:
    """qᵀ q = 1"""
    q = np.asarray(q)
    np.testing.assert_allclose(
        q.swapaxes(-1, -2) @ q,
        np.broadcast_to(np.eye(q.shape[-1]), (*q.shape[:-2], q.shape[-1], q.shape[-1])),
        atol=1e-12,
    )


# What a decomposition is.


@shapes
def test_singular_values_and_vectors_multiply_back(shape: tuple[int, ...]) -> None:
    a = real(*shape)
    u, s, vh = ops.svd(a)
    same((u * s[..., None, :]) @ vh, a)
    orthonormal(u)
    orthonormal(vh.mT)
    assert (np.diff(s.numpy()) <= 0).all()
    same(ops.svdvals(a), s)


@shapes
def test_q_and_r_multiply_back(shape: tuple[int, ...]) -> None:
    a = real(*shape)
    q, r = ops.qr(a)
    same(q @ r, a)
    orthonormal(q)
    same(r, np.triu(r.numpy()))
    assert (np.diagonal(r.numpy(), 0, -2, -1) > 0).all()


def test_eigenvalues_and_eigenvectors_multiply_back() -> None:
    w, v = ops.eigh(SYMMETRIC)
    same(v * w[..., None, :] @ v.mT, SYMMETRIC)
    orthonormal(v)
    same(ops.eigvalsh(SYMMETRIC), np.linalg.eigvalsh(SYMMETRIC))


def test_signs_are_fixed() -> None:
    """The largest element of each vector is positive, so that -a has the vectors of a."""
    for vectors in (ops.eigh(SYMMETRIC)[1].numpy(), ops.svd(SYMMETRIC)[0].numpy()):
        assert (np.take_along_axis(vectors, np.abs(vectors).argmax(1)[:, None], 1) > 0).all()
    w, v = ops.eigh(-SYMMETRIC)
    same(v[..., ::-1], ops.eigh(SYMMETRIC)[1])
    same(-w[..., ::-1], ops.eigvalsh(SYMMETRIC))


def test_of_other_matrices_the_symmetric_part_is_taken() -> None:
    a = real(3, 3)
    same(ops.eigvalsh(a), np.linalg.eigvalsh((a + a.T) / 2))


# Functions of several parts, which do not depend on signs: the sum of the pullbacks is the whole gradient.


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 3, 2)])
def test_a_function_of_singular_values_and_vectors(shape: tuple[int, ...]) -> None:
    """U f(s) Vᵀ"""

    def ours(a: Any) -> Any:
        u, s, vh = ops.svd(a)
        return (u * ops.tanh(s)[..., None, :]) @ vh

    def theirs(a: Any) -> Any:
        u, s, vh = torch.linalg.svd(a, full_matrices=False)
        return (u * torch.tanh(s)[..., None, :]) @ vh

    agrees(ours, theirs, real(*shape), order=2)


def test_a_function_of_eigenvalues_and_eigenvectors() -> None:
    """The matrix exponential of the symmetric part, V exp(w) Vᵀ."""

    def ours(a: Any) -> Any:
        w, v = ops.eigh(a)
        return v * ops.exp(0.3 * w)[..., None, :] @ v.mT

    agrees(ours, lambda a: torch.linalg.matrix_exp(0.15 * (a + a.mT)), real(2, 3, 3), order=2)


def test_equal_eigenvalues_have_no_part_in_the_gradient() -> None:
    """Of a multiple of the identity the vectors are anything; a function of the values alone still has its gradient."""
    checked(lambda a: ops.sum(ops.square(ops.eigvalsh(a))), 2 * np.eye(3))
    a = Tensor(np.eye(3), requires_grad=True)
    (ops.eigh(a)[1] * real(3, 3)).sum().backward()
    same(a.grad, np.zeros((3, 3)))


@pytest.mark.parametrize("values", [[3.0, 1.0, 0.0], [2.0, 0.0]])
def test_a_singular_value_of_zero_leaves_no_nan(values: list[float]) -> None:
    g = real(len(values), len(values))

    def rebuilt(a: Tensor) -> Tensor:
        u, s, vh = ops.svd(a)
        return ((u * s[..., None, :]) @ vh * g).sum()

    np.testing.assert_allclose(grad(rebuilt)(np.diag(values)).numpy(), g, atol=1e-12)
    assert np.isfinite(grad(rebuilt)(np.zeros_like(g)).numpy()).all()


def test_wide_matrices_have_q_and_r_with_gradients() -> None:
    agrees(lambda a: ops.square(ops.qr(a)[1]), lambda a: torch.linalg.qr(a)[1].square(), real(3, 5))
    checked(lambda a: ops.qr(a)[0], real(3, 5))


# The pseudo-inverse and least squares.


@shapes
def test_the_pseudo_inverse_is_pytorch_s(shape: tuple[int, ...]) -> None:
    agrees(ops.pinv, torch.linalg.pinv, real(*shape))


def test_the_pseudo_inverse_of_a_matrix_without_full_rank() -> None:
    a = np.outer(real(3), real(2, seed=1))
    p = ops.pinv(a).numpy()
    np.testing.assert_allclose(a @ p @ a, a, atol=1e-12)
    np.testing.assert_allclose(p @ a @ p, p, atol=1e-12)
    agrees(
        lambda u, v: ops.pinv(ops.outer(u, v)),
        lambda u, v: torch.linalg.pinv(torch.outer(u, v)),
        real(3),
        real(2, seed=1),
    )


def test_least_squares_are_pytorch_s() -> None:
    agrees(ops.lstsq, lambda a, b: torch.linalg.lstsq(a, b).solution, real(5, 3), real(5, 2))
    same(ops.lstsq(real(5, 3), real(5)), np.linalg.lstsq(real(5, 3), real(5), rcond=None)[0])


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 5, 8])
def test_powers_are_pytorch_s(n: int) -> None:
    agrees(lambda a: ops.matrix_power(a, n), lambda a: torch.linalg.matrix_power(a, n), real(2, 3, 3) + np.eye(3))


# The work is done once a matrix.


def test_all_parts_of_a_matrix_cost_one_decomposition(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(spectral, "_svd_of", spectral._Last(lambda a: calls.append(1) or spectral._svd_parts(a)))
    x = Tensor(real(3, 3), requires_grad=True)
    u, s, vh = ops.svd(x)
    ((u * s) @ vh).sum().backward()
    assert len(calls) == 1
    ops.svd(real(3, 3, seed=1))
    assert len(calls) == 2


def test_other_numbers_in_the_same_memory_are_another_matrix() -> None:
    last, a = spectral._Last(lambda a: (a + 1,)), np.zeros(3)
    for i in range(3):
        a[1] = i
        assert last(a)[0].tolist() == [1.0, i + 1.0, 1.0]
    assert last(a.astype(np.float32))[0].dtype == np.float32


@pytest.mark.parametrize("call", [
    lambda: ops.eigh(real(2, 3)), lambda: ops.eigvalsh(real(3)), lambda: ops.svd(real(3)), lambda: ops.qr(real(3)),
    lambda: ops.pinv(real(3)), lambda: ops.matrix_power(real(2, 3), 2),
])  # fmt: skip
def test_what_is_no_matrix_is_refused(call: Any) -> None:
    check_refused(call)
