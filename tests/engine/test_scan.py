"""A state carried along a sequence, against the same loop written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from descend.engine import ShapeError, Tensor, UsageError, check_gradients, grad, ops, scan
from tests.contracts.recorder import Recorder

RNG = np.random.default_rng(0)
W, U, X, H = (RNG.standard_normal(shape) for shape in ((3, 3), (2, 3), (5, 2), (3,)))


def cell(w: Any, u: Any) -> Any:
    """An Elman network's step."""

    def step(h: Any, x: Any) -> Any:
        h = ops.tanh(x @ u + h @ w)
        return h, h * 2

    return step


@pytest.mark.parametrize("reverse", [False, True])
def test_a_recurrent_network_is_its_loop(reverse: bool) -> None:
    last, ys = scan(cell(Tensor(W), Tensor(U)), Tensor(H), Tensor(X), reverse=reverse)
    h, wanted = H, np.zeros((5, 3))
    for t in reversed(range(5)) if reverse else range(5):
        h = np.tanh(X[t] @ U + h @ W)
        wanted[t] = h * 2
    np.testing.assert_allclose(last.numpy(), h)
    np.testing.assert_allclose(ys.numpy(), wanted)


def test_gradients_of_all_that_goes_in() -> None:
    def network(w: Any, u: Any, x: Any, h: Any) -> Tensor:
        last, ys = scan(cell(w, u), h, x)
        return ops.sum(ys * ys) + ops.sum(last)

    check_gradients(network, W, U, X, H)
    check_gradients(network, W[:1, :1], U[:1, :1], X[:3, :1], H[:1], order=2)


def test_powers_by_a_loop_without_inputs() -> None:
    """A^k, as in the tutorials of symbolic frameworks."""
    a = Tensor([1.0, 2.0, 3.0])
    last, powers = scan(lambda p, _: (p * a, p), ops.ones((3,)), None, length=4)
    assert last.tolist() == [1.0, 16.0, 81.0]
    assert powers.tolist() == [[1.0, 1.0, 1.0], [1.0, 2.0, 3.0], [1.0, 4.0, 9.0], [1.0, 8.0, 27.0]]
    assert grad(lambda a: scan(lambda p, _: (p * a, None), Tensor(1.0), None, length=3)[0])(2.0).item() == 12.0


def test_states_inputs_and_results_are_nested() -> None:
    def step(state: dict[str, Tensor], x: tuple[Tensor, list[Tensor]]) -> Any:
        total = state["total"] + x[0] * x[1][0]
        return {"total": total, "n": state["n"] + 1}, {"running": total, "pair": (x[0], state["n"])}

    last, ys = scan(step, {"total": 0.0, "n": 0}, (Tensor([1.0, 2.0]), [Tensor([3.0, 4.0])]))
    assert (last["total"].item(), last["n"].item()) == (11.0, 2)
    assert ys["running"].tolist() == [3.0, 11.0]
    assert [part.tolist() for part in ys["pair"]] == [[1.0, 2.0], [0, 1]]


def test_an_empty_sequence_leaves_the_state() -> None:
    last, ys = scan(lambda h, x: (h + x, h), Tensor(1.5), np.zeros(0))
    assert (last.item(), ys) == (1.5, None)


def test_a_trace_unrolls_it() -> None:
    recorder, x = Recorder(), Tensor([1.0, 2.0, 3.0])
    last, _ = recorder.record(lambda: scan(lambda h, x: (h * x, None), Tensor(1.0), x))
    assert [row.primitive.name for row in recorder.rows] == ["index", "mul"] * 3
    assert last.item() == 6.0


def test_sequences_of_one_length_are_needed() -> None:
    step = lambda h, x: (h, h)
    for xs, length in (((X, X[1:]), None), (None, None), (X, 4)):
        with pytest.raises(ShapeError, match="one length") as caught:
            scan(step, H, xs, length=length)
        assert caught.value.fix
    assert scan(step, H, X, length=5)[1].shape == (5, 3)


@pytest.mark.parametrize("length", [-1, 2.5, "3"])
def test_a_length_is_a_whole_number(length: Any) -> None:
    with pytest.raises(UsageError, match="a number of steps"):
        scan(lambda h, x: (h, h), H, None, length=length)


def test_the_state_keeps_its_shape() -> None:
    with pytest.raises(ShapeError, match="step 0 of a scan changed the shape") as caught:
        scan(lambda h, x: (h[:2], h), H, X)
    assert (caught.value.given, caught.value.needed) == ("(2,)", "(3,)")


@pytest.mark.parametrize("result", [None, H, (H,), (H, H, H), [H, H]])
def test_a_step_returns_a_pair(result: Any) -> None:
    with pytest.raises(UsageError, match="new state and what it puts out"):
        scan(lambda h, x: result, H, X)
