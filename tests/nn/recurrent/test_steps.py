from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import Tensor
from descend.nn.recurrent.steps import Weights, gru, lstm, projected

seeds = st.integers(0, 2**32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def drawn(gates: int, seed: int, peepholes: bool = False):
    rng = np.random.default_rng(seed)
    x, h, c = rng.standard_normal((2, 3)), rng.standard_normal((2, 4)), rng.standard_normal((2, 4))
    shapes = [(gates * 4, 3), (gates * 4, 4), (gates * 4,), (gates * 4,)]
    arrays = [rng.standard_normal(shape) for shape in shapes]
    peep = rng.standard_normal((3, 4)) if peepholes else None
    return x, h, c, arrays, peep


@given(st.booleans(), seeds)
def test_an_lstm_step_is_the_formula(peepholes, seed):
    x, h, c, (wi, wh, bi, bh), p = drawn(4, seed, peepholes)
    weights = Weights(*map(Tensor, (wi, wh, bi, bh)), None if p is None else Tensor(p))
    i, f, g, o = np.split(x @ wi.T + bi + h @ wh.T + bh, 4, axis=1)
    p = np.zeros((3, 4)) if p is None else p
    later = sigmoid(f + p[1] * c) * c + sigmoid(i + p[0] * c) * np.tanh(g)
    h_new, c_new = lstm(projected(Tensor(x), weights), (Tensor(h), Tensor(c)), weights)
    assert np.allclose(c_new.numpy(), later, atol=1e-13)
    assert np.allclose(h_new.numpy(), sigmoid(o + p[2] * later) * np.tanh(later), atol=1e-13)


@given(seeds)
def test_a_gru_step_is_the_formula(seed):
    x, h, _, (wi, wh, bi, bh), _ = drawn(3, seed)
    weights = Weights(*map(Tensor, (wi, wh, bi, bh)))
    (ri, zi, ni), (rh, zh, nh) = np.split(x @ wi.T + bi, 3, 1), np.split(h @ wh.T + bh, 3, 1)
    z = sigmoid(zi + zh)
    expected = (1 - z) * np.tanh(ni + sigmoid(ri + rh) * nh) + z * h
    (found,) = gru(projected(Tensor(x), weights), (Tensor(h),), weights)
    assert np.allclose(found.numpy(), expected, atol=1e-13)


def test_an_open_forget_gate_carries_the_cell_on_unchanged():
    zeros = np.zeros((8, 2))
    bias = np.concatenate([np.full(2, -100.0), np.full(2, 100.0), np.zeros(2), np.full(2, 100.0)])  # i, f, g, o
    weights = Weights(Tensor(zeros), Tensor(zeros), Tensor(bias), Tensor(np.zeros(8)))
    c = np.array([[0.3, -2.0]])
    h_new, c_new = lstm(projected(Tensor(np.ones((1, 2))), weights), (Tensor(np.zeros((1, 2))), Tensor(c)), weights)
    assert np.allclose(c_new.numpy(), c)
    assert np.allclose(h_new.numpy(), np.tanh(c))
