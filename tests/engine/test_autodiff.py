"""`backward`: gradients of leaves, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from descend.engine import Cell, GradientError, ShapeError, Tensor, backward, no_grad
from tests.engine.leaves import close, gradient_of, leaf, real


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
