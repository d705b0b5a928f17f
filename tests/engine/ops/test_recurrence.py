"""Recurrences beyond what the registry tests: PyTorch's layers, what is shared on the way back, refusals."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import PRIMITIVES, Tensor, UsageError, from_numpy, grad, ops, override, override_calls
from descend.engine.ops import recurrence
from tests.engine.ops.agreement import real, same
from tests.engine.ops.refusal import check_refused

SIZES = {"RNN": 1, "LSTM": 4, "GRU": 3}
T, N, H = 7, 3, 5


def ours(name: str, x: Tensor, states: list[Tensor], w: Tensor, b: Tensor) -> list[Tensor]:
    """The outputs, and the last cell if there are cells."""
    if name == "RNN":
        return [ops.rnn(x + b, *states, w)]
    if name == "GRU":
        return [ops.gru(x, *states, w, b)]
    h, c = ops.lstm(x + b, *states, w)
    return [h, c[-1]]


def theirs(name: str, x: Any, states: list[Any], w: Any, b: Any) -> list[Any]:
    """PyTorch's layer with the identity for weights of the input."""
    eye = torch.eye(x.shape[-1], dtype=x.dtype)
    parts = [eye, w, torch.zeros_like(b), b]
    if name == "LSTM":
        y, _, c = torch.lstm(x, [s[None] for s in states], parts, True, 1, 0.0, False, False, False)
        return [y, c[0]]
    function = torch.gru if name == "GRU" else torch.rnn_tanh
    return [function(x, states[0][None], parts, True, 1, 0.0, False, False, False)[0]]


@pytest.mark.parametrize("name", SIZES)
def test_values_and_gradients_are_those_of_pytorch_s_layers(name: str) -> None:
    gates = SIZES[name] * H
    arrays = [real(T, N, gates), real(gates, H, seed=1), real(gates, seed=2)]
    arrays += [real(N, H, seed=3 + i) for i in range(2 if name == "LSTM" else 1)]
    leaves = [from_numpy(x).requires_grad_() for x in arrays]
    points = [torch.tensor(x, requires_grad=True) for x in arrays]
    found, wanted = (f(name, x, rest, w, b) for f, (x, w, b, *rest) in ((ours, leaves), (theirs, points)))
    weights = [real(*y.shape, seed=9) for y in found]
    for y, z in zip(found, wanted, strict=True):
        same(y, z)
    sum((ops.sum(y * g) for y, g in zip(found, weights, strict=True)), start=Tensor(0.0)).backward()
    torch.autograd.backward(wanted, [torch.tensor(g) for g in weights])
    for leaf, point in zip(leaves, points, strict=True):
        same(leaf.grad, point.grad)


@pytest.mark.parametrize("name", ["rnn_adjoint", "lstm_adjoint", "gru_adjoint"])
def test_the_way_back_is_gone_once_for_all_inputs(name: str) -> None:
    layer = name.removesuffix("_adjoint").upper()
    gates = SIZES[layer] * H
    x, w, b = real(T, N, gates), real(gates, H), real(gates)
    leaves = [from_numpy(a).requires_grad_() for a in (x, w, b, *[real(N, H)] * (2 if layer == "LSTM" else 1))]
    with override(name, PRIMITIVES[name].evaluate):
        ops.sum(ours(layer, leaves[0], leaves[3:], leaves[1], leaves[2])[0]).backward()
        assert override_calls(name) == 1
        assert all(leaf.grad is not None for leaf in leaves)


def test_two_cotangents_give_two_gradients() -> None:
    x = from_numpy(real(T, N, H)).requires_grad_()
    y = ops.rnn(x, np.zeros((N, H)), real(H, H))
    first, second = real(T, N, H, seed=1), real(T, N, H, seed=2)
    y.backward(first, retain_graph=True)
    alone = x.grad.numpy().copy()
    y.backward(second, retain_graph=True)
    both = x.grad.numpy().copy()
    x.grad = None
    y.backward(second)
    np.testing.assert_allclose(both, alone + x.grad.numpy(), rtol=0, atol=1e-12)


def test_nothing_of_the_way_back_stays_alive() -> None:
    x = from_numpy(real(T, N, H)).requires_grad_()
    ops.sum(ops.rnn(x, np.zeros((N, H)), real(H, H))).backward()
    gc.collect()
    assert recurrence._once.known == ()


def test_gradients_of_one_sequence_reach_its_own_past_only() -> None:
    x, u = real(T, N, 4 * H), real(T, N, H)
    u[:4], u[:, 1:] = 0, 0
    g = grad(lambda x: ops.sum(ops.lstm(x, np.zeros((N, H)), np.zeros((N, H)), real(4 * H, H))[0][:5] * u[:5]))(x)
    reached = np.abs(g.numpy()).sum(2) > 0
    assert reached[:5, 0].all()
    assert not reached[5:].any()
    assert not reached[:, 1:].any()


def test_an_empty_sequence_leaves_the_state() -> None:
    s = from_numpy(real(N, H)).requires_grad_()
    assert ops.rnn(np.zeros((0, N, H)), s, real(H, H)).shape == (0, N, H)
    assert [part.shape for part in ops.lstm(np.zeros((0, N, 4 * H)), s, s, real(4 * H, H))] == [(0, N, H)] * 2


def test_whole_numbers_are_read_as_numbers() -> None:
    x = np.ones((2, 1, 3), np.int64)
    y = ops.rnn(x, np.zeros((1, 3), np.int64), np.eye(3, dtype=np.int64))
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.numpy()[0], np.tanh(np.ones((1, 3))), rtol=1e-6)


def test_another_function_is_refused() -> None:
    with pytest.raises(UsageError, match="one of two functions") as caught:
        ops.rnn(np.ones((1, 1, 1)), np.ones((1, 1)), np.ones((1, 1)), "tahn")
    assert "tanh" in str(caught.value.fix)


X, S, W, B = np.ones((2, 3, 5)), np.ones((3, 5)), np.ones((5, 5)), np.ones(15)
WRONG = {
    "no axis of rows": lambda: ops.rnn(X[0], S, W),
    "a state that would broadcast": lambda: ops.rnn(X, S[:1], W),
    "a weight of another width": lambda: ops.rnn(X, S, np.ones((5, 4))),
    "no weight": lambda: ops.rnn(X, S, 1.0),
    "too few gates": lambda: ops.lstm(X, S, S, np.ones((20, 5))),
    "a cell that would broadcast": lambda: ops.lstm(np.ones((2, 3, 20)), S, S[:1], np.ones((20, 5))),
    "a bias that would broadcast": lambda: ops.gru(np.ones((2, 3, 15)), S, np.ones((15, 5)), B[:1]),
    "three gates for four": lambda: ops.gru(np.ones((2, 3, 20)), S, np.ones((15, 5)), B),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_fit_is_refused(what: str) -> None:
    check_refused(WRONG[what])


def test_what_is_shared_goes_with_its_application() -> None:
    calls: list[Tensor] = []

    def adjoint(g: Tensor, y: Tensor) -> Tensor:
        calls.append(g)
        return Tensor(g.numpy() + y.numpy())

    once, g, y = recurrence.Once(adjoint), Tensor([1.0]), Tensor([2.0])
    shared = weakref.ref(once(g, y))
    assert once(g, y) is shared()
    once(Tensor([5.0]), y)
    assert len(calls) == 2
    del y
    assert shared() is None
    assert once.known == ()
