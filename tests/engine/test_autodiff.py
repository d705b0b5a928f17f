"""Derivatives against closed forms and PyTorch's."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch.autograd import functional

from descend.engine import (
    Cell,
    GradientError,
    NonFiniteError,
    ShapeError,
    Tensor,
    UsageError,
    backward,
    detect_anomaly,
    grad,
    hessian,
    jacobian,
    jvp,
    no_grad,
    ops,
    value_and_grad,
    vjp,
)

RNG = np.random.default_rng(3)


def real(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def leaf(data: Any) -> Tensor:
    return Tensor(np.array(data, np.float64), requires_grad=True)


def gradient_of(x: Tensor) -> np.ndarray:
    assert x.grad is not None
    return x.grad.numpy()


def close(found: Any, wanted: Any) -> None:
    found, wanted = (np.asarray(x.detach().numpy() if hasattr(x, "detach") else x) for x in (found, wanted))
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)


# backward.


def test_backward_fills_the_gradients_of_all_leaves() -> None:
    a, b = leaf([1.0, 2.0]), leaf([3.0, 5.0])
    (a * b + a).sum().backward()
    close(gradient_of(a), [4.0, 6.0])
    close(gradient_of(b), [1.0, 2.0])


def test_a_tensor_used_twice_gets_both_gradients() -> None:
    x = leaf([3.0])
    y = x * x
    (y * y + y).backward()
    close(gradient_of(x), [4 * 27 + 6])


def test_gradients_accumulate_until_they_are_set_to_none() -> None:
    x = leaf([2.0])
    for expected in (4.0, 8.0):
        (x * x).backward()
        close(gradient_of(x), [expected])
    x.grad = None
    (x * x).backward()
    close(gradient_of(x), [4.0])


def test_a_cotangent_may_be_given() -> None:
    x = leaf([1.0, 2.0, 3.0])
    backward(x**2, [1.0, 0.0, 2.0])
    close(gradient_of(x), [2.0, 0.0, 12.0])


def test_a_leaf_is_its_own_result() -> None:
    x = leaf(3.0)
    x.backward()
    close(gradient_of(x), 1.0)


def test_broadcasting_is_undone_in_the_gradients() -> None:
    x, b, c = leaf(real(3, 5)), leaf(real(5)), leaf(real())
    ((x + b) * c).sum().backward()
    close(gradient_of(b), np.full(5, 3 * c.numpy()))
    close(gradient_of(c), (x + b).numpy().sum())


def test_tensors_without_gradients_get_none() -> None:
    x, data = leaf([1.0]), Tensor([2.0])
    (x * data).backward()
    assert data.grad is None
    assert not data.requires_grad


def test_gradients_have_the_type_of_their_tensors() -> None:
    half, double = Tensor([1.0], requires_grad=True), leaf([2.0])
    (half * double).backward()
    assert half.grad is not None
    assert double.grad is not None
    assert half.grad.dtype == np.float32
    assert double.grad.dtype == np.float64


def test_each_gradient_is_a_box_of_its_own() -> None:
    """Both get the same cotangent; changing one gradient must not change the other."""
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    g = Tensor(np.array([1.0, 1.0]))
    (a + b).backward(g)
    assert a.grad is not None
    a.grad[0] = 7.0
    close(gradient_of(b), [1.0, 1.0])
    close(g, [1.0, 1.0])


def test_a_cotangent_that_is_a_cell_is_read_once() -> None:
    x, g = leaf([1.0]), Cell(np.array([2.0]))
    (x * 1).backward(g)
    g.write([5.0])
    close(gradient_of(x), [2.0])


def test_a_long_chain_needs_no_recursion() -> None:
    x = leaf([1.0])
    y = x
    for _ in range(20_000):
        y = y + 1.0
    y.backward()
    close(gradient_of(x), [1.0])


def test_a_diamond_is_walked_once() -> None:
    """Twenty doublings are a million paths and twenty nodes."""
    x = leaf([1.0])
    y = x
    for _ in range(20):
        y = y + y
    calls = []
    y.register_hook(calls.append)
    y.backward()
    close(gradient_of(x), [2.0**20])
    assert len(calls) == 1


def test_retain_graph_allows_a_second_backward() -> None:
    x = leaf([2.0])
    y = x**3
    y.backward(retain_graph=True)
    y.backward()
    close(gradient_of(x), [24.0])


def test_a_second_backward_is_refused() -> None:
    x = leaf([2.0])
    y = (x**3).sum()
    y.backward()
    with pytest.raises(GradientError, match=r"already been through this graph \(at sum\)") as caught:
        y.backward()
    assert "retain_graph=True" in str(caught.value.fix)
    close(gradient_of(x), [12.0])


def test_the_function_backward_frees_as_the_method_does() -> None:
    x = leaf([2.0])
    y = x**3
    backward(y)
    assert not x.grad.requires_grad  # type: ignore[union-attr]
    with pytest.raises(GradientError, match="already been through"):
        backward(y)


def test_a_shared_part_that_was_freed_is_refused() -> None:
    x = leaf([2.0])
    shared = x.exp()
    (shared * 2).backward()
    with pytest.raises(GradientError, match=r"at exp"):
        (shared * 3).backward()


def test_create_graph_gives_gradients_that_can_be_differentiated() -> None:
    x = leaf([2.0, 3.0])
    (x**3).sum().backward(create_graph=True)
    first = x.grad
    assert first is not None
    x.grad = None
    first.sum().backward()
    close(gradient_of(x), [12.0, 18.0])


def test_without_create_graph_gradients_have_no_history() -> None:
    x = leaf([2.0])
    (x**3).backward()
    assert x.grad is not None
    assert not x.grad.requires_grad


def test_backward_works_inside_no_grad() -> None:
    x = leaf([2.0])
    y = x**2
    with no_grad():
        y.backward()
    close(gradient_of(x), [4.0])


def test_detach_cuts() -> None:
    x = leaf([3.0])
    (x * x.detach()).backward()
    close(gradient_of(x), [3.0])


# What backward refuses.


def test_backward_of_several_numbers_needs_a_cotangent() -> None:
    with pytest.raises(GradientError, match="for one number") as caught:
        (leaf([1.0, 2.0]) * 2).backward()
    assert caught.value.given == "shape (2,)"
    assert ".sum()" in str(caught.value.fix)


def test_backward_of_a_constant_is_refused() -> None:
    with pytest.raises(GradientError, match="requires gradients") as caught:
        Tensor([1.0]).backward()
    assert "no_grad" in str(caught.value.fix)


def test_backward_of_what_was_computed_under_no_grad_is_refused() -> None:
    x = leaf([1.0])
    with no_grad():
        y = x * 2
    with pytest.raises(GradientError, match="requires gradients"):
        y.backward()


def test_a_cotangent_of_another_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match="cotangent") as caught:
        (leaf([1.0, 2.0]) * 2).backward([1.0])
    assert (caught.value.given, caught.value.needed) == ("(1,)", "(2,)")


def test_backward_after_a_cell_was_written_is_refused() -> None:
    w = Cell(np.array([2.0]), requires_grad=True)
    loss = w * w
    w.write([3.0])
    with pytest.raises(GradientError, match=r"a cell of shape \(1,\) was written after mul") as caught:
        loss.backward()
    assert (caught.value.given, caught.value.needed) == ("version 1", "version 0")
    assert "before the optimiser's step" in str(caught.value.fix)


def test_backward_after_another_cell_was_written_is_fine() -> None:
    w, other = (Cell(np.array([2.0]), requires_grad=True) for _ in range(2))
    loss = w * w
    other.write([3.0])
    loss.backward()
    close(gradient_of(w), [4.0])


# Hooks and retained gradients.


def test_a_hook_sees_the_gradient_and_may_replace_it() -> None:
    x = leaf([1.0, 2.0])
    seen: list[Any] = []
    y = x * 3
    y.register_hook(lambda g: seen.append(g.tolist()))
    remove = y.register_hook(lambda g: g * 10)
    y.sum().backward(retain_graph=True)
    close(gradient_of(x), [30.0, 30.0])
    remove()
    x.grad = None
    y.sum().backward()
    close(gradient_of(x), [3.0, 3.0])
    assert seen == [[1.0, 1.0], [1.0, 1.0]]


def test_hooks_work_in_order_on_the_sum_of_all_uses() -> None:
    x = leaf([1.0])
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: g * 10)
    (x * 2 + x * 3).backward()
    close(gradient_of(x), [60.0])


def test_a_hook_may_remove_itself() -> None:
    x = leaf([1.0])
    calls: list[str] = []
    remove = x.register_hook(lambda g: (calls.append("first"), remove())[0])
    x.register_hook(lambda g: calls.append("second"))
    for _ in range(2):
        (x * 2).backward()
    assert calls == ["first", "second", "second"]


def test_removing_a_hook_twice_does_nothing() -> None:
    x = leaf([1.0])
    remove = x.register_hook(lambda g: g * 0)
    remove()
    remove()
    (x * 2).backward()
    close(gradient_of(x), [2.0])


def test_a_hook_may_return_an_array() -> None:
    x = leaf([1.0])
    x.register_hook(lambda g: np.array([5.0]))
    (x * 2).backward()
    close(gradient_of(x), [5.0])


def test_a_hook_that_changes_the_shape_is_refused() -> None:
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: g.sum())
    with pytest.raises(ShapeError, match="hook") as caught:
        (x * 2).sum().backward()
    assert (caught.value.given, caught.value.needed) == ("()", "(2,)")


def test_retain_grad_keeps_the_gradient_of_what_is_in_between() -> None:
    x = leaf([2.0])
    y = (x * 3).retain_grad()
    z = y * y
    z.backward()
    assert y.grad is not None
    close(y.grad, [12.0])
    close(gradient_of(x), [36.0])
    assert z.grad is None


@pytest.mark.parametrize("what", ["retain_grad", "register_hook"])
def test_hooks_are_for_tensors_with_history(what: str) -> None:
    with pytest.raises(GradientError, match=rf"{what}\(\) needs a tensor that requires gradients"):
        getattr(Tensor([1.0]), what)(*[print] * (what == "register_hook"))


# Anomaly mode.


def test_anomaly_mode_names_the_operation_forwards() -> None:
    x = Tensor([4.0, 0.0, 1.0])
    with detect_anomaly(), pytest.raises(NonFiniteError, match=r"log made an infinity at index \(1,\)") as caught:
        x.log() * 2
    assert caught.value.given == "float32(3,) in [0, 4]"
    assert caught.value.needed
    assert caught.value.fix
    with detect_anomaly(), pytest.raises(NonFiniteError, match="sqrt made NaN"):
        (-x).sqrt()


def test_anomaly_mode_tells_what_was_made_from_what_was_given() -> None:
    with (
        detect_anomaly(),
        pytest.raises(NonFiniteError, match="mul was given a number that is not finite and made NaN"),
    ):
        Tensor([np.nan, 1.0]) * 2
    with detect_anomaly(), pytest.raises(NonFiniteError, match="mul was given"):
        Tensor([np.nan]) * 2


@pytest.mark.parametrize("f", [lambda x: x.sqrt(), lambda x: ops.pow(x, 0.5)])
def test_anomaly_mode_names_the_operation_backwards(f: Callable[[Tensor], Tensor]) -> None:
    x = leaf([1.0, 0.0])
    with detect_anomaly():
        y = f(x)
        name = "pow" if y.node is not None and y.node.name == "pow" else "sqrt"
        with pytest.raises(NonFiniteError, match=f"the gradient of {name} is not finite") as caught:
            y.sum().backward()
    assert caught.value.fix


def test_anomaly_mode_sees_a_cotangent_that_is_not_finite() -> None:
    x = leaf([1.0])
    with detect_anomaly(), pytest.raises(NonFiniteError, match="the gradient of add"):
        (x + 1).backward(np.array([np.inf]))


def test_without_anomaly_mode_infinities_pass() -> None:
    assert Tensor([0.0]).log().item() == -np.inf


def test_anomaly_mode_lets_integers_and_finite_numbers_pass() -> None:
    with detect_anomaly():
        assert (Tensor([1, 2]) + 1).tolist() == [2, 3]
        x = leaf([1.0])
        (x.exp() + Tensor(np.zeros((0, 1)))).sum().backward()


# vjp, grad, value_and_grad.


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


# jvp and hessian.


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
