"""Derivatives of functions against closed forms: vjp, grad, value_and_grad, and their nesting."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from descend.engine import GradientError, Tensor, UsageError, grad, no_grad, ops, value_and_grad, vjp
from tests.engine.leaves import close, gradient_of, leaf, real


def test_vjp_pulls_a_cotangent_back() -> None:
    x, w, g = real(3, 5), real(5, 2), real(3, 2)
    y, pullback = vjp(ops.matmul, x, w)
    close(y, x @ w)
    of_x, of_w = pullback(g)
    close(of_x, g @ w.T)
    close(of_w, x.T @ g)


def test_a_pullback_can_be_called_again_and_is_linear() -> None:
    _, pullback = vjp(lambda x: ops.sin(x) * x, real(4))
    a, b = real(4), real(4)
    close(pullback(2 * a + b).numpy(), 2 * pullback(a).numpy() + pullback(b).numpy())


def test_vjp_of_what_does_not_depend_on_an_input_is_zero() -> None:
    of_x, of_w = vjp(lambda x, w: w * 2, real(3), real(2))[1](np.ones(2))
    close(of_x, np.zeros(3))
    close(of_w, np.full(2, 2.0))
    close(vjp(lambda x: Tensor(np.array([1.0])), real(3))[1]([1.0]), np.zeros(3))


def test_the_gradients_of_two_inputs_are_two_boxes() -> None:
    of_a, of_b = vjp(ops.add, real(2), real(2))[1]([1.0, 1.0])
    of_a[0] = 9.0
    close(of_b, [1.0, 1.0])


def test_inputs_may_be_trees() -> None:
    class Pair(NamedTuple):
        w: Any
        b: Any

    parameters = {"layers": [Pair(real(2, 3), real(2)), (real(1, 2), [real(1)])], "scale": 2.0}

    def loss(p: Any, x: Tensor) -> Tensor:
        for w, b in p["layers"]:
            x = ops.tanh(ops.affine(x, w, b[0] if isinstance(b, list) else b))
        return (x * p["scale"]).sum()

    x = Tensor(real(4, 3))
    found = grad(loss)(parameters, x)
    assert isinstance(found["layers"][0], Pair)
    assert isinstance(found["layers"][1], tuple)
    assert found["layers"][0].w.shape == (2, 3)
    assert found["layers"][1][1][0].shape == (1,)
    (w1, b1), (w2, (b2,)) = parameters["layers"]
    leaves = {"layers": [Pair(leaf(w1), leaf(b1)), (leaf(w2), [leaf(b2)])], "scale": 2.0}
    loss(leaves, x).backward()
    close(found["layers"][0].w, gradient_of(leaves["layers"][0].w))
    close(found["layers"][1][1][0], gradient_of(leaves["layers"][1][1][0]))


def test_a_dict_keeps_its_order_and_keys() -> None:
    found = grad(lambda p: p["b"] * 3 + p["a"])(OrderedDict(b=1.0, a=2.0))
    assert list(found) == ["b", "a"]
    assert found["b"].item() == 3.0


def test_grad_is_the_derivative() -> None:
    x = real(5)
    close(grad(lambda x: (x**3).sum())(x), 3 * x**2)
    value, g = value_and_grad(lambda x: (x**3).sum())(x)
    close(value, (x**3).sum())
    close(g, 3 * x**2)


def test_wrt_chooses_the_arguments() -> None:
    f = lambda a, b, c: (a * b**2 * c**3).sum()
    a, b, c = real(2), real(2), real(2)
    close(grad(f, 1)(a, b, c), 2 * a * b * c**3)
    of_c, of_a = grad(f, (2, 0))(a, b, c)
    close(of_c, 3 * a * b**2 * c**2)
    close(of_a, b**2 * c**3)
    assert isinstance(grad(f, (1,))(a, b, c), tuple)


@pytest.mark.parametrize("wrt", [2, -1, (0, 5)])
def test_wrt_names_arguments_that_are_there(wrt: Any) -> None:
    with pytest.raises(UsageError, match="wrt") as caught:
        grad(lambda a, b: a * b, wrt)(1.0, 2.0)
    assert caught.value.needed == "0 to 1"


def test_grad_leaves_no_trace() -> None:
    x = leaf([1.0, 2.0])
    g = grad(lambda x: (x * x).sum())(x.detach())
    assert not g.requires_grad
    assert x.grad is None
    value, _ = value_and_grad(lambda x: (x * x).sum())(x.detach())
    assert not value.requires_grad


@pytest.mark.parametrize("result", [1.0, None, [Tensor([1.0])]])
def test_a_function_that_returns_no_tensor_is_refused(result: Any) -> None:
    with pytest.raises(GradientError, match="returns one tensor") as caught:
        grad(lambda x: result)(1.0)
    assert caught.value.given == type(result).__name__


def test_a_function_of_several_numbers_has_no_grad() -> None:
    with pytest.raises(GradientError, match="for one number"):
        grad(lambda x: x * 2)(real(3))


@pytest.mark.parametrize("x", [3, True, np.array([1, 2])])
def test_integers_have_no_gradients(x: Any) -> None:
    with pytest.raises(GradientError, match="only floating-point") as caught:
        grad(lambda x: (x * 2.0).sum())(x)
    assert caught.value.fix


def test_integers_may_be_among_the_other_arguments() -> None:
    close(grad(lambda x, places: x[places].sum())(real(3), np.array([0, 0, 2])), [2.0, 0.0, 1.0])


# Nesting: each derivative is with respect to its own variable.


def test_derivatives_nest() -> None:
    f = lambda x: ops.sin(x) * x
    x = np.float64(0.7)
    derivatives = [f, grad(f), grad(grad(f)), grad(grad(grad(f)))]
    s, c = np.sin(x), np.cos(x)
    wanted = [s * x, c * x + s, 2 * c - x * s, -3 * s - x * c]
    for derivative, w in zip(derivatives, wanted, strict=True):
        close(derivative(Tensor(x)), w)


def test_no_perturbation_is_confused_with_another() -> None:
    """Siskind and Pearlmutter 2005: d/dx (x d/dy (x + y)) = 1, not 2."""
    inner = lambda x: grad(lambda y: x + y)(1.0)
    close(grad(lambda x: x * inner(x))(np.array(1.0)), 1.0)


def test_the_inner_derivative_of_a_product_with_the_outer_variable() -> None:
    f = lambda x: x * grad(lambda y: x * y * y)(Tensor(np.array(3.0)))  # x * 2 x y = 6 x^2
    close(grad(f)(np.array(5.0)), 60.0)


def test_the_inner_variable_may_have_the_outer_one_s_value() -> None:
    f = lambda x: grad(lambda y: y**2 * x)(x)  # 2 x * x: through the point and through the closure
    close(grad(f)(np.array(3.0)), 12.0)


def test_a_function_may_close_over_a_tensor_that_requires_gradients() -> None:
    w = leaf([2.0, 3.0])
    g = grad(lambda x: (w * x * x).sum())(np.array([1.0, 2.0]))
    close(g, [4.0, 12.0])
    assert g.requires_grad
    (g * g).sum().backward()  # d/dw sum (2 w x)^2 = 8 w x^2
    close(gradient_of(w), [16.0, 96.0])


def test_a_gradient_penalty() -> None:
    """Penalties on the slope of a network differentiate a gradient with respect to the weights."""
    weights = [real(5, 3), real(5), real(1, 5), real(1)]
    x = real(7, 3)

    def network(x: Any, w1: Any, b1: Any, w2: Any, b2: Any, tanh: Any) -> Any:
        return tanh(x @ w1.T + b1) @ w2.T + b2

    ours = [leaf(w) for w in weights]
    slope = grad(lambda x: network(x, *ours, ops.tanh).sum())(x)
    ((ops.sqrt((slope**2).sum(1)) - 1) ** 2).mean().backward()

    theirs = [torch.tensor(w, requires_grad=True) for w in weights]
    point = torch.tensor(x, requires_grad=True)
    (wanted,) = torch.autograd.grad(network(point, *theirs, torch.tanh).sum(), point, create_graph=True)
    ((wanted.norm(dim=1) - 1) ** 2).mean().backward()
    for mine, other in zip(ours[:3], theirs, strict=False):
        close(gradient_of(mine), other.grad)


def test_the_value_of_a_function_with_outer_variables_keeps_its_history() -> None:
    w = leaf([2.0])
    value, _ = value_and_grad(lambda x: (w * x).sum())(np.array([3.0]))
    value.backward()
    close(gradient_of(w), [3.0])


def test_the_input_may_itself_have_history() -> None:
    w = leaf([2.0])
    x = w * 3
    g = grad(lambda x: (x**3).sum())(x)  # 3 x^2 = 27 w^2
    g.sum().backward()
    close(gradient_of(w), [108.0])


def test_a_cotangent_may_have_history() -> None:
    g = leaf([2.0])
    _, pullback = vjp(lambda x: x**2, np.array([3.0]))
    pullback(g).sum().backward()
    close(gradient_of(g), [6.0])


def test_no_grad_inside_a_differentiated_function() -> None:
    def f(x: Tensor) -> Tensor:
        with no_grad():
            c = x * x
        return x * c

    close(grad(f)(np.array(3.0)), 9.0)


def test_grad_works_under_no_grad() -> None:
    with no_grad():
        close(grad(lambda x: x * x)(np.array(3.0)), 6.0)


def test_an_error_inside_leaves_the_modes_as_they_were() -> None:
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: x * (1 // 0))(1.0)
    assert (leaf([1.0]) * 2).requires_grad
