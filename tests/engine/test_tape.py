"""What is recorded, and when it is let go."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import numpy as np
import pytest

from descend.engine import Cell, Tensor, grad, hessian, jvp, no_grad, ops, vjp
from descend.engine.tape import Node, subgraph


def leaf(*shape: int) -> Tensor:
    return Tensor(np.ones(shape, np.float32), requires_grad=True)


def node(x: Tensor) -> Node:
    assert x.node is not None
    return x.node


def test_a_node_knows_what_went_in_and_came_out() -> None:
    a, data = leaf(2), Tensor([3.0, 4.0])
    y = a * data
    assert node(y).name == "mul"
    assert node(y).parents == (a.node, None)
    assert node(y).values is not None
    assert [v.tolist() for v in node(y).values or ()] == [[1.0, 1.0], [3.0, 4.0]]
    assert node(y).output.tolist() == [3.0, 4.0]
    assert node(a).name == "leaf"
    assert node(ops.sum(y, 0)).attributes == {"axes": (0,), "keepdims": False}


def test_indices_increase_along_the_graph() -> None:
    a = leaf(2)
    b = a * 2
    c = b + a
    assert node(a).index < node(b).index < node(c).index


def test_the_versions_of_cells_are_noted() -> None:
    w = Cell([1.0], requires_grad=True)
    w.write([2.0])
    assert node(w * leaf(1)).cells == [(w, 1)]
    assert node(leaf(1) * 2).cells == []


def test_nothing_is_recorded_without_need() -> None:
    assert (Tensor([1.0]) * 2).node is None
    with no_grad():
        assert (leaf(1) * 2).node is None


def test_the_subgraph_is_latest_first_and_each_node_comes_once() -> None:
    a, other = leaf(2), leaf(2)
    b = a * a
    c = b + b
    other * 2
    assert subgraph([node(c)]) == [node(c), node(b), node(a)]
    assert subgraph([node(c), node(b)]) == [node(c), node(b), node(a)]


def test_the_subgraph_stops_where_it_is_told() -> None:
    a = leaf(2)
    b = a.exp()
    c = b.tanh()
    assert subgraph([node(c)], {node(b)}) == [node(c), node(b)]


# Reference counting alone must be enough: the collector is switched off.


def alive() -> int:
    """How many nodes there are in this process."""
    return sum(type(thing) is Node for thing in gc.get_objects())


@pytest.fixture
def before() -> Iterator[int]:
    """The number of nodes at the beginning of the test."""
    gc.collect()
    gc.disable()
    yield alive()
    gc.enable()


def test_a_graph_goes_with_the_last_tensor_made_from_it(before: int) -> None:
    x = leaf(3)
    y = (x * 2).exp()
    loss = y.sum()
    del y
    assert alive() == before + 4
    del loss
    assert alive() == before + 1


def test_a_training_step_leaves_no_cycle(before: int) -> None:
    w = Cell(np.ones((2, 2), np.float32), requires_grad=True)
    for _ in range(3):
        loss = ops.tanh(ops.matmul(w, w)).sum()
        loss.backward()
        with no_grad():
            assert w.grad is not None
            w.write(w - 0.1 * w.grad)
        w.grad = None
    del loss
    assert alive() == before + 1


def test_functional_derivatives_leave_no_cycle(before: int) -> None:
    x = np.ones(3)
    f = lambda x: (ops.tanh(x) ** 2).sum()
    for derivative in (grad(f), hessian(f), grad(lambda x: (grad(f)(x) ** 2).sum())):
        derivative(x)
    vjp(f, x)[1](1.0)
    jvp(f, (x,), (x,))
    assert alive() == before


def test_an_error_in_a_differentiated_function_leaves_nothing(before: int) -> None:
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: x.exp() * (1 // 0))(1.0)
    assert alive() == before


def test_backward_frees_the_saved_values() -> None:
    x = leaf(3)
    y = x.exp()
    loss = (y * y).sum()
    loss.backward()
    assert node(y).values is None
    assert node(y).output is None
    kept = x.exp()
    (kept * kept).sum().backward(retain_graph=True)
    assert node(kept).values is not None
