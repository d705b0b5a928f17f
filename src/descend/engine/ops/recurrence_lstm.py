"""Long short-term memory over a whole sequence.

    i, f, o = σ(.)    g = tanh(.)    of    x[t] + h[t] Wᵀ, in this order: i, f, g, o
    c[t+1] = f c[t] + i g            h[t+1] = o tanh(c[t+1])

The result holds h and c of all times side by side, (2, t + 1, n, h). The gates are a function of it, so they are
computed again on the way back, for all times at once; compiled, both come out of one kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine.ops.recurrence import (
    FEW,
    SIZES,
    Once,
    Unrolled,
    aligned,
    first,
    fitting,
    over_all,
    rows,
)
from descend.engine.primitive import Shape, bind, promote
from descend.engine.samples import Sampled, real
from descend.engine.tensor import Tensor

# The states.


def _shape(x: Shape, h0: Shape, c0: Shape, w: Shape) -> Shape:
    t, n, width = fitting(x, (h0, c0), w, 4)
    return 2, t + 1, n, width


def _states(m: Any, x: Any, h0: Any, c0: Any, w: Any) -> Any:
    h, c = [h0], [c0]
    for t in range(x.shape[0]):
        i, f, g, o = _gated(m, x[t] + h[t] @ w.T)
        c.append(f * c[t] + i * g)
        h.append(o * m.tanh(c[t + 1]))
    return m.stack([m.stack(h), m.stack(c)])


def _gated(m: Any, a: Any) -> tuple[Any, ...]:
    i, f, g, o = parts(a, 4)
    return m.sigmoid(i), m.sigmoid(f), m.tanh(g), m.sigmoid(o)


def parts(a: Any, n: int) -> list[Any]:
    """The last axis in n equal parts."""
    width = a.shape[-1] // n
    return [a[..., i * width : (i + 1) * width] for i in range(n)]


# The gates.


def _gates_shape(x: Shape, s: Shape, w: Shape) -> Shape:
    aligned((2, x[0] + 1, *x[1:-1]), s[:-1])
    fitting(x, (s[2:],), w, 4)
    return x


def _gates(m: Any, x: Any, s: Any, w: Any) -> Any:
    return m.concat(_gated(m, x + s[0, :-1] @ w.T), -1)


# The way back.


def _adjoint_shape(g: Shape, gates: Shape, s: Shape, w: Shape) -> Shape:
    aligned(g, s)
    aligned((2, gates[0] + 1, *gates[1:-1]), s[:-1])
    fitting(gates, (s[2:],), w, 4)
    return (gates[0] + 1, *gates[1:])


def _adjoint(m: Any, gs: Any, gates: Any, s: Any, w: Any) -> Any:
    found, gh, gc = [], gs[0, -1], gs[1, -1]
    for t in range(gates.shape[0] - 1, -1, -1):
        i, f, g, o = parts(gates[t], 4)
        y = m.tanh(s[1, t + 1])
        gc = gc + gh * o * (1 - y * y)
        of_i, of_f, of_g, of_o = gc * g * i * (1 - i), gc * s[1, t] * f * (1 - f), gc * i * (1 - g * g), gh * y * o
        found.append(m.concat([of_i, of_f, of_g, of_o * (1 - o)], -1))
        gh, gc = gs[0, t] + found[-1] @ w, gs[1, t] + gc * f
    return m.stack([m.concat([gh, gc, m.zeros((*gh.shape[:-1], 2 * gh.shape[-1]), gh.dtype)], -1), *found[::-1]])


# The primitives.


def _samples(rng: np.random.Generator) -> Sampled:
    for t, n, h in SIZES:
        yield (real(rng, (t, n, 4 * h)), real(rng, (n, h)), real(rng, (n, h)), real(rng, (4 * h, h))), {}


def _gates_samples(rng: np.random.Generator) -> Sampled:
    for t, n, h in FEW:
        yield (real(rng, (t, n, 4 * h)), real(rng, (2, t + 1, n, h)), real(rng, (4 * h, h))), {}


def _adjoint_samples(rng: np.random.Generator) -> Sampled:
    for t, n, h in FEW:
        states, gates = (2, t + 1, n, h), (t, n, 4 * h)
        yield (real(rng, states), real(rng, gates), real(rng, states), real(rng, (4 * h, h))), {}


_gates_of = Unrolled("lstm_gates", _gates, _gates_shape, _gates_samples)

_back = Unrolled("lstm_adjoint", _adjoint, _adjoint_shape, _adjoint_samples)

_once = Once(lambda g, y, x, h0, c0, w: bind(_back, g, bind(_gates_of, x, y, w), y, w))

_lstm = Unrolled(
    "lstm", _states, _shape, _samples,
    (
        lambda g, y, *inputs: rows(_once(g, y, *inputs), 1, y.shape[1]),
        lambda g, y, *inputs: parts(first(_once(g, y, *inputs)), 4)[0],
        lambda g, y, *inputs: parts(first(_once(g, y, *inputs)), 4)[1],
        lambda g, y, *inputs: over_all(rows(_once(g, y, *inputs), 1, y.shape[1]), rows(y, 0, y.shape[1] - 1)),
    ),
)  # fmt: skip


def lstm(x: Any, h0: Any, c0: Any, weight: Any) -> tuple[Tensor, Tensor]:
    """The outputs h and the cells c of all times, from x, what the input says to the gates i, f, g, o.

    Shapes: x (t, n, 4 h), h0 and c0 (n, h), weight (4 h, h); results (t, n, h). Raises: ShapeError.
    Source: Hochreiter and Schmidhuber 1997; the forget gate: Gers et al. 2000.
    """
    states = bind(_lstm, *promote((x, h0, c0, weight), floating=True))
    return states[0, 1:], states[1, 1:]
