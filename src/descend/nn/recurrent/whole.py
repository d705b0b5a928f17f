"""One layer in one direction over a whole sequence, as a single operation; `steps` says what it does at each step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from descend.engine import Tensor, as_tensor, ops
from descend.engine.modes import state as modes
from descend.nn.recurrent import steps
from descend.nn.recurrent.sequences import Lengths
from descend.nn.recurrent.steps import State, Weights

Whole = Callable[[Tensor, State, Weights], State]
"""(x (t, n, d), the state before, weights) -> the parts of the state at all times, each (t, n, h)."""

PARTS = frozenset({"add", "sub", "mul", "matmul", "affine", "sigmoid", "tanh", "relu"})
"""What a step consists of."""


def whole_steps(weights: Weights) -> bool:
    """Whether a sequence can be read at once: not with peepholes, nor where a part of a step was replaced."""
    return weights.peepholes is None and not PARTS & modes.overrides.keys()


def rnn_tanh(x: Tensor, state: State, weights: Weights) -> State:
    """`steps.rnn_tanh` at every time."""
    (h,) = state
    return (ops.rnn(_said(x, weights, _both_biases(weights)), h, weights.hidden),)


def rnn_relu(x: Tensor, state: State, weights: Weights) -> State:
    """`steps.rnn_relu` at every time."""
    (h,) = state
    return (ops.rnn(_said(x, weights, _both_biases(weights)), h, weights.hidden, "relu"),)


def lstm(x: Tensor, state: State, weights: Weights) -> State:
    """`steps.lstm` at every time."""
    h, c = state
    return ops.lstm(_said(x, weights, _both_biases(weights)), h, c, weights.hidden)


def gru(x: Tensor, state: State, weights: Weights) -> State:
    """`steps.gru` at every time."""
    (h,), bias = state, weights.hidden_bias
    bias = ops.zeros(weights.hidden.shape[:1], weights.hidden.dtype) if bias is None else bias
    return (ops.gru(_said(x, weights, weights.input_bias), h, weights.hidden, bias),)


def _said(x: Tensor, weights: Weights, bias: Tensor | None) -> Tensor:
    """What the input says to the gates at all times: the product of two matrices, which NumPy is fastest at."""
    t, n, d = x.shape
    rows = steps.projected(x.reshape(t * n, d), weights._replace(input_bias=bias))
    return rows.reshape(t, n, rows.shape[1])


def _both_biases(weights: Weights) -> Tensor | None:
    """The biases of the input and of the state are added to the same sum."""
    if weights.input_bias is None or weights.hidden_bias is None:
        return weights.input_bias
    return weights.input_bias + weights.hidden_bias


def read(whole: Whole, x: Tensor, state: State, weights: Weights, backwards: bool) -> tuple[Tensor, State]:
    """The outputs, (t, n, d) to (t, n, h), and the last state."""
    states = whole(ops.flip(x, 0) if backwards else x, state, weights)
    return ops.flip(states[0], 0) if backwards else states[0], tuple(part[-1] for part in states)


def read_lengths(
    whole: Whole, x: Tensor, state: State, weights: Weights, lengths: Lengths, backwards: bool
) -> tuple[Tensor, State]:
    """As `read`, of sequences that end at their own lengths: outputs behind the end are 0.

    A state does not depend on what comes later, so all are read to the end of the longest and the state of each is
    taken at its own end. Backwards, each is turned about its own end first.
    """
    times = np.arange(x.shape[0])[:, None]
    before_end = times < lengths
    turned, last = _numbers(np.where(before_end, lengths - 1 - times, times)), _numbers(lengths[None] - 1)
    inside = as_tensor(before_end[..., None])
    x = ops.where(inside, x, 0)
    states = whole(_taken(x, turned) if backwards else x, state, weights)
    y = _taken(states[0], turned) if backwards else states[0]
    return ops.where(inside, y, 0), tuple(_taken(part, last)[0] for part in states)


def _numbers(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Times, for each sequence of the batch, as numbers of rows among those of all times."""
    n = times.shape[1]
    return np.asarray(times * n + np.arange(n))


def _taken(x: Tensor, numbers: NDArray[np.int64]) -> Tensor:
    """The rows of x (t, n, d) with these numbers."""
    t, n, d = x.shape
    return x.reshape(t * n, d)[as_tensor(numbers)]
