"""Derivatives along directions, and of second order, against PyTorch: jvp, jacobian, hessian."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.autograd import functional

from descend.engine import ShapeError, Tensor, grad, hessian, jacobian, jvp, ops, vjp
from tests.engine.leaves import close, real


def test_jvp_is_the_directional_derivative() -> None:
    x, t = real(4), real(4)
    y, along = jvp(lambda x: ops.sin(x) * x, (x,), (t,))
    close(y, np.sin(x) * x)
    close(along, (np.cos(x) * x + np.sin(x)) * t)


def test_jvp_of_several_inputs_and_trees() -> None:
    x, w, s, t = real(2, 3), real(3), real(2, 3), real(3)
    _, along = jvp(ops.matmul, (x, w), (s, t))
    close(along, s @ w + x @ t)
    _, along = jvp(lambda p: p["x"] @ p["w"][0], ({"x": x, "w": [w]},), ({"x": s, "w": [t]},))
    close(along, s @ w + x @ t)


def test_jvp_is_the_transpose_of_vjp() -> None:
    x, t = real(3), real(3)
    f = lambda x: ops.softmax(ops.matmul(M, x) ** 2)
    M = real(5, 3)
    g = real(5)
    along = jvp(f, (x,), (t,))[1].numpy()
    pulled = vjp(f, x)[1](g).numpy()
    close(g @ along, pulled @ t)


def test_jvp_agrees_with_pytorch() -> None:
    x, t = real(2, 5), real(2, 5)
    _, along = jvp(lambda x: ops.log_softmax(x) * ops.tanh(x), (x,), (t,))
    _, wanted = functional.jvp(lambda x: torch.log_softmax(x, -1) * torch.tanh(x), torch.tensor(x), torch.tensor(t))
    close(along, wanted)


def test_jvp_can_be_differentiated() -> None:
    second = grad(lambda x: jvp(lambda x: x**3, (x,), (np.array(1.0),))[1])
    close(second(np.array(2.0)), 12.0)


def test_jvp_of_a_constant_is_zero() -> None:
    close(jvp(lambda x: Tensor(np.ones(2)), (real(3),), (real(3),))[1], np.zeros(2))


def test_jvp_refuses_tangents_of_another_shape() -> None:
    with pytest.raises(ShapeError, match="tangents") as caught:
        jvp(ops.tanh, (real(3),), (real(2),))
    assert (caught.value.given, caught.value.needed) == ("(2,)", "(3,)")
    with pytest.raises(ShapeError, match="tangents"):
        jvp(ops.add, (real(3), real(3)), (real(3),))


def test_the_hessian_of_a_quadratic_form_is_its_matrix() -> None:
    a = real(4, 4)
    found = hessian(lambda x: x @ Tensor(a) @ x)(real(4))
    close(found, a + a.T)


def test_the_hessian_agrees_with_pytorch() -> None:
    x = real(2, 3)
    found = hessian(lambda x: ops.logsumexp(ops.tanh(x).sum(0) ** 2))(x)
    wanted = functional.hessian(lambda x: torch.logsumexp(torch.tanh(x).sum(0) ** 2, -1), torch.tensor(x))
    assert found.shape == (2, 3, 2, 3)
    close(found, wanted)


@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 0)])
def test_the_hessian_of_awkward_shapes(shape: tuple[int, ...]) -> None:
    close(hessian(lambda x: (x**3).sum())(np.full(shape, 2.0)), np.full((*shape, *shape), 12.0))


def test_the_hessian_of_a_linear_function_is_zero() -> None:
    close(hessian(lambda x: (x * 3).sum())(real(2)), np.zeros((2, 2)))


def test_rosenbrock() -> None:
    f = lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    close(grad(f)(np.array([1.0, 1.0])), [0.0, 0.0])
    close(hessian(f)(np.array([1.0, 1.0])), [[802.0, -400.0], [-400.0, 200.0]])


# All first derivatives.


@pytest.mark.parametrize("shape", [(3,), (2, 3), ()])
def test_the_jacobian_is_pytorch_s(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    w = np.random.default_rng(1).standard_normal((2, *shape))
    found = jacobian(lambda x: ops.tanh(x * w))(x)
    point = torch.tensor(x)
    wanted = functional.jacobian(lambda x: torch.tanh(x * torch.tensor(w)), point)
    assert found.shape == tuple(wanted.shape)
    np.testing.assert_allclose(found.numpy(), wanted.numpy(), atol=1e-12)


def test_the_jacobian_of_nothing() -> None:
    assert jacobian(lambda x: x[:0])(np.ones(3)).shape == (0, 3)
    assert jacobian(lambda x: x[:, None])(np.ones(0)).shape == (0, 1, 0)
