"""Gated recurrent units over a whole sequence.

    r, z = σ(.) of x[t] + m and m, with m = h[t] Wᵀ + b, gates in the order r, z, n
    n = tanh(x_n[t] + r m_n)        h[t+1] = n + z (h[t] - n)

What the state says to n is multiplied by r, what the input says is not: so their cotangents differ, and the adjoint
gives both, (2, t + 1, n, 3 h): first those of x, then those of m.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine.errors import ShapeError
from descend.engine.ops.recurrence import FEW, SIZES, Once, Unrolled, aligned, first, fitting, over_all, rows
from descend.engine.ops.recurrence_lstm import parts
from descend.engine.ops.reduce import sum
from descend.engine.primitive import Shape, bind, promote
from descend.engine.samples import Sampled, real
from descend.engine.tensor import Tensor

# The states.


def _shape(x: Shape, h0: Shape, w: Shape, b: Shape) -> Shape:
    t, n, width = fitting(x, (h0,), w, 3)
    _check_bias(w, b)
    return t + 1, n, width


def _check_bias(w: Shape, b: Shape) -> None:
    if b != w[:1]:
        raise ShapeError(
            "the bias does not fit the weight", given=f"bias {b}, weight {w}", needed=f"bias {w[:1]}",
            fix="zeros stand for no bias",
        )  # fmt: skip


def _states(m: Any, x: Any, h0: Any, w: Any, b: Any) -> Any:
    h = [h0]
    for t in range(x.shape[0]):
        _, z, n, _ = _gated(m, x[t], h[t] @ w.T + b)
        h.append(n + z * (h[t] - n))
    return m.stack(h)


def _gated(m: Any, x: Any, own: Any) -> tuple[Any, ...]:
    (r, z, n), (own_r, own_z, own_n) = parts(x, 3), parts(own, 3)
    r = m.sigmoid(r + own_r)
    return r, m.sigmoid(z + own_z), m.tanh(n + r * own_n), own_n


# The gates r, z, n, and what the state says to n.


def _gates_shape(x: Shape, h: Shape, w: Shape, b: Shape) -> Shape:
    aligned((x[0] + 1, *x[1:-1]), h[:-1])
    _, _, width = fitting(x, (h[1:],), w, 3)
    _check_bias(w, b)
    return (*x[:-1], 4 * width)


def _gates(m: Any, x: Any, h: Any, w: Any, b: Any) -> Any:
    return m.concat(_gated(m, x, h[:-1] @ w.T + b), -1)


# The way back.


def _adjoint_shape(g: Shape, gates: Shape, h: Shape, w: Shape) -> Shape:
    aligned(g, h)
    aligned((gates[0] + 1, *gates[1:-1], gates[-1]), (*h[:-1], 4 * h[-1]))
    fitting((*gates[:-1], 3 * h[-1]), (h[1:],), w, 3)
    return (2, *h[:-1], 3 * h[-1])


def _adjoint(m: Any, g: Any, gates: Any, h: Any, w: Any) -> Any:
    of_x, of_own, gh = [], [], g[-1]
    for t in range(gates.shape[0] - 1, -1, -1):
        r, z, n, own = parts(gates[t], 4)
        gn = gh * (1 - z) * (1 - n * n)
        shared = [gn * own * r * (1 - r), gh * (h[t] - n) * z * (1 - z)]
        of_x.append(m.concat([*shared, gn], -1))
        of_own.append(m.concat([*shared, gn * r], -1))
        gh = g[t] + gh * z + of_own[-1] @ w
    of_x.append(m.concat([gh, m.zeros((*gh.shape[:-1], 2 * gh.shape[-1]), gh.dtype)], -1))
    of_own.append(m.zeros(of_x[-1].shape, gh.dtype))
    return m.stack([m.stack(of_x[::-1]), m.stack(of_own[::-1])])


# The primitives.


def _samples(rng: np.random.Generator) -> Sampled:
    for t, n, h in SIZES:
        yield (real(rng, (t, n, 3 * h)), real(rng, (n, h)), real(rng, (3 * h, h)), real(rng, (3 * h,))), {}


def _gates_samples(rng: np.random.Generator) -> Sampled:
    for t, n, h in FEW:
        yield (real(rng, (t, n, 3 * h)), real(rng, (t + 1, n, h)), real(rng, (3 * h, h)), real(rng, (3 * h,))), {}


def _adjoint_samples(rng: np.random.Generator) -> Sampled:
    for t, n, h in FEW:
        states, gates = (t + 1, n, h), (t, n, 4 * h)
        yield (real(rng, states), real(rng, gates), real(rng, states), real(rng, (3 * h, h))), {}


_gates_of = Unrolled("gru_gates", _gates, _gates_shape, _gates_samples)

_back = Unrolled("gru_adjoint", _adjoint, _adjoint_shape, _adjoint_samples)

_once = Once(lambda g, y, x, h0, w, b: bind(_back, g, bind(_gates_of, x, y, w, b), y, w))


def _own(g: Tensor, y: Tensor, *inputs: Tensor) -> Tensor:
    """The cotangents of what the states say, at all times."""
    return rows(_once(g, y, *inputs), 1, len(y), 1)


_gru = Unrolled(
    "gru", _states, _shape, _samples,
    (
        lambda g, y, *inputs: rows(_once(g, y, *inputs), 1, len(y)),
        lambda g, y, *inputs: parts(first(rows(_once(g, y, *inputs), 0, 1)), 3)[0],
        lambda g, y, *inputs: over_all(_own(g, y, *inputs), rows(y, 0, len(y) - 1)),
        lambda g, y, *inputs: sum(_own(g, y, *inputs), (0, 1)),
    ),
)  # fmt: skip


def gru(x: Any, h0: Any, weight: Any, bias: Any) -> Tensor:
    """The outputs of all times, from x, what the input says to the gates r, z, n.

    Shapes: x (t, n, 3 h), h0 (n, h), weight (3 h, h), bias (3 h,); result (t, n, h). Raises: ShapeError.
    Source: Cho et al. 2014, arXiv:1406.1078.
    Differs: from the paper, as PyTorch does, in applying r after the product with W_n.
    """
    return bind(_gru, *promote((x, h0, weight, bias), floating=True))[1:]
