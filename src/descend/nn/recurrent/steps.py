"""One step of each recurrence, as a function of what the input gives to its gates and of the state before."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from descend.engine import Tensor, ops

State = tuple[Tensor, ...]


class Weights(NamedTuple):
    """What a recurrence has learned: weights of the input and of the state, their biases, and peepholes."""

    input: Tensor
    hidden: Tensor
    input_bias: Tensor | None
    hidden_bias: Tensor | None
    peepholes: Tensor | None = None


Step = Callable[[Tensor, State, Weights], State]


def projected(x: Tensor, weights: Weights) -> Tensor:
    """What the input gives to the gates: W_ih x + b_ih, for all times in one product."""
    return _affine(x, weights.input, weights.input_bias)


def _affine(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return ops.matmul(x, weight.T) if bias is None else ops.affine(x, weight, bias)


def rnn_tanh(x: Tensor, state: State, weights: Weights) -> State:
    """h' = tanh(x + W_hh h + b_hh). Source: Elman 1990."""
    (h,) = state
    return (ops.tanh(x + _affine(h, weights.hidden, weights.hidden_bias)),)


def rnn_relu(x: Tensor, state: State, weights: Weights) -> State:
    """h' = max(0, x + W_hh h + b_hh). Source: Le et al. 2015, arXiv:1504.00941."""
    (h,) = state
    return (ops.relu(x + _affine(h, weights.hidden, weights.hidden_bias)),)


def lstm(x: Tensor, state: State, weights: Weights) -> State:
    """One step of long short-term memory. The gates come in PyTorch's order i, f, g, o.

        i, f, o = σ(.)    g = tanh(.)    c' = f c + i g    h' = o tanh(c')

    With peepholes p the gates look at the cell: p_i c is added inside i, p_f c inside f, p_o c' inside o.
    Source: Hochreiter and Schmidhuber 1997; the forget gate: Gers et al. 2000; peepholes: Gers and Schmidhuber 2000.
    """
    h, c = state
    i, f, g, o = _parts(x + _affine(h, weights.hidden, weights.hidden_bias), 4)
    if weights.peepholes is None:
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        return ops.sigmoid(o) * ops.tanh(c), c
    to_i, to_f, to_o = (weights.peepholes[n] for n in range(3))
    c = ops.sigmoid(f + to_f * c) * c + ops.sigmoid(i + to_i * c) * ops.tanh(g)
    return ops.sigmoid(o + to_o * c) * ops.tanh(c), c


def gru(x: Tensor, state: State, weights: Weights) -> State:
    """One step of a gated recurrent unit. The gates come in PyTorch's order r, z, n.

        r, z = σ(.)    n = tanh(x_n + r (W_hn h + b_hn))    h' = (1 - z) n + z h

    Source: Cho et al. 2014, arXiv:1406.1078.
    Differs: from the paper, as PyTorch does, in applying r after the product with W_hn.
    """
    (h,) = state
    r_in, z_in, n_in = _parts(x, 3)
    r_own, z_own, n_own = _parts(_affine(h, weights.hidden, weights.hidden_bias), 3)
    z = ops.sigmoid(z_in + z_own)
    n = ops.tanh(n_in + ops.sigmoid(r_in + r_own) * n_own)
    return (n + z * (h - n),)


def _parts(gates: Tensor, n: int) -> tuple[Tensor, ...]:
    """The last axis in n equal parts."""
    return ops.split(gates, gates.shape[-1] // n, -1)
