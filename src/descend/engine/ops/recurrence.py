"""Recurrences: one layer reads a whole sequence, in one operation. Here the simple one, and what all of them share.

    h[0] = h0    h[t+1] = f(x[t] + h[t] Wᵀ)

x[t] is what the input says at time t, its own weights applied: one product for all times. Only what the states say to
each other has to go step by step. The states of all times, the first included, are one result, so that those before
each step, h[:-1], and those after it, h[1:], are parts of it.

The gradient goes back through time once: `rnn_adjoint` gives the cotangents of all x[t], and of h0 in front of them.
The weights' gradient is then a single product over all times and rows.
"""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from descend.engine.errors import ShapeError, UsageError, near_miss
from descend.engine.ops.create import zeros
from descend.engine.ops.elementwise import relu, sigmoid, tanh, where
from descend.engine.ops.linalg import matmul
from descend.engine.ops.movement import concat, reshape, section, stack
from descend.engine.primitive import Costly, Pullback, Pullbacks, Samples, Shape, bind, promote
from descend.engine.samples import Sampled, real
from descend.engine.tensor import Tensor

# A formula is written once and means both: NumPy evaluates it, and ordinary operations differentiate it.

ARRAYS = SimpleNamespace(
    tanh=np.tanh, sigmoid=sigmoid.evaluate, relu=relu.evaluate, where=np.where, stack=np.stack, concat=np.concatenate,
    zeros=np.zeros,
)  # fmt: skip
OPERATIONS = SimpleNamespace(
    tanh=tanh, sigmoid=sigmoid, relu=relu, where=where, stack=stack, concat=concat, zeros=zeros,
)  # fmt: skip

Formula = Callable[..., Any]
"""(ARRAYS or OPERATIONS, *inputs, **attributes) -> the result."""

SIZES: tuple[Shape, ...] = ((3, 2, 5), (1, 1, 1), (0, 2, 3), (2, 0, 3))
FEW: tuple[Shape, ...] = ((2, 1, 3), *SIZES[1:])
"""Times, rows and width of the samples: of a recurrence, and of what has many inputs."""


class Unrolled(Costly):
    """A primitive whose meaning is a formula.

    Args:
        pullbacks: if not given, those of the ordinary operations that the formula consists of.
    """

    def __init__(
        self, name: str, formula: Formula, shape: Callable[..., Shape], samples: Samples,
        pullbacks: Pullbacks | None = None,
    ) -> None:  # fmt: skip
        self.formula = formula
        super().__init__(name, self._of_arrays, shape, pullbacks or self._pullback, samples=samples)

    def _of_arrays(self, *arrays: Any, **attributes: Any) -> Any:
        self.shape(*[x.shape for x in arrays], **attributes)  # some that do not fit would broadcast
        return self.formula(ARRAYS, *arrays, **attributes)

    def of_tensors(self, *inputs: Tensor, **attributes: Any) -> Tensor:
        """The same in ordinary operations, step by step."""
        return self.formula(OPERATIONS, *inputs, **attributes)  # type: ignore[no-any-return]

    def _pullback(self, place: int) -> Pullback:
        def pullback(g: Tensor, _: Tensor, *inputs: Tensor, **attributes: Any) -> Any:
            from descend.engine.autodiff import vjp

            def of_one(x: Tensor) -> Tensor:
                return self.of_tensors(*inputs[:place], x, *inputs[place + 1 :], **attributes)

            return vjp(of_one, inputs[place])[1](g)

        return pullback


class Once(threading.local):
    """What the pullbacks of one application share: computed for the first of them, gone with the application."""

    def __init__(self, adjoint: Callable[..., Tensor]) -> None:
        self.adjoint = adjoint
        self.of: Any = None
        self.known: tuple[Any, ...] = ()

    def __call__(self, g: Tensor, y: Tensor, *inputs: Tensor, **attributes: Any) -> Tensor:
        if self.of is None or self.of() is not y or self.known[0] is not g:
            self.known = g, self.adjoint(g, y, *inputs, **attributes)
            self.of = weakref.ref(y, self._forget)
        return self.known[1]  # type: ignore[no-any-return]

    def _forget(self, gone: Any) -> None:
        if self.of is gone:
            self.of, self.known = None, ()


def rows(x: Tensor, start: int, stop: int, first: int = 0) -> Tensor:
    """x[first, start:stop], or x[start:stop] of a tensor of three axes: never a copy."""
    n, size = x.shape[-3], math.prod(x.shape[-2:])
    return section(reshape(x, (x.size,)), (first * n + start) * size, (stop - start, *x.shape[-2:]))


def first(x: Tensor) -> Tensor:
    """x[0]: never a copy."""
    return section(reshape(x, (x.size,)), 0, x.shape[1:])


def over_all(g: Tensor, x: Tensor) -> Tensor:
    """The sum of g[t, i] x[t, i]ᵀ over all times t and rows i."""
    flat = [reshape(part, (part.shape[0] * part.shape[1], part.shape[2])) for part in (g, x)]
    return matmul(flat[0].transpose(0, 1), flat[1])


def fitting(x: Shape, states: tuple[Shape, ...], w: Shape, gates: int) -> Shape:
    """(t, n, width) of a recurrence with so many gates. Raises: ShapeError where the parts do not fit together."""
    t, n = x[:2] if len(x) == 3 else (-1, -1)
    width = w[-1] if w else 0
    if t < 0 or x[2] != gates * width or w != (gates * width, width) or any(s != (n, width) for s in states):
        given = f"x {x}, first state {' and '.join(map(str, dict.fromkeys(states)))}, weight {w}"
        raise ShapeError(
            "the parts of a recurrence do not fit together", given=given,
            needed=f"x (t, n, {gates} h), first state (n, h), weight ({gates} h, h)".replace("1 h", "h"),
            fix="x is the input with its own weights applied: affine(input, weight_ih, bias)",
        )  # fmt: skip
    return t, n, width


def aligned(one: Shape, *others: Shape) -> None:
    """Raises: ShapeError unless what an adjoint is given has one number of steps, rows and units."""
    if any(other != one for other in others):
        raise ShapeError(
            "an adjoint takes what its recurrence has computed", given=" and ".join(map(str, (one, *others))),
            needed="one number of times, rows and units", fix="give the states and gates of the same forward pass",
        )  # fmt: skip


# The simple recurrence.

FUNCTIONS = ("tanh", "relu")


def _rnn_shape(x: Shape, h0: Shape, w: Shape, function: str) -> Shape:
    t, n, width = fitting(x, (h0,), w, 1)
    return t + 1, n, width


def _rnn(m: Any, x: Any, h0: Any, w: Any, function: str) -> Any:
    f, h = getattr(m, function), [h0]
    for t in range(x.shape[0]):
        h.append(f(x[t] + h[t] @ w.T))
    return m.stack(h)


def _adjoint_shape(g: Shape, h: Shape, w: Shape, function: str) -> Shape:
    aligned(g, h)
    fitting(h, (h[1:],), w, 1)
    return h


def _rnn_adjoint(m: Any, g: Any, h: Any, w: Any, function: str) -> Any:
    found, gh = [], g[-1]
    for t in range(h.shape[0] - 1, 0, -1):
        ga = gh * (1 - h[t] * h[t]) if function == "tanh" else m.where(h[t] > 0, gh, 0)
        found.append(ga)
        gh = g[t - 1] + ga @ w
    return m.stack([gh, *found[::-1]])


def _samples(rng: np.random.Generator) -> Sampled:
    for function in FUNCTIONS:
        for t, n, width in SIZES:
            yield (real(rng, (t, n, width)), real(rng, (n, width)), real(rng, (width, width))), {"function": function}


def _adjoint_samples(rng: np.random.Generator) -> Sampled:
    for function in FUNCTIONS:
        for t, n, width in FEW:
            g, h = real(rng, (t + 1, n, width)), real(rng, (t + 1, n, width))
            yield (g, h, real(rng, (width, width))), {"function": function}


_back = Unrolled("rnn_adjoint", _rnn_adjoint, _adjoint_shape, _adjoint_samples)

_once = Once(lambda g, y, x, h0, w, function: bind(_back, g, y, w, function=function))

_rnn_of = Unrolled(
    "rnn", _rnn, _rnn_shape, _samples,
    (
        lambda g, y, *inputs, **f: rows(_once(g, y, *inputs, **f), 1, len(y)),
        lambda g, y, *inputs, **f: first(_once(g, y, *inputs, **f)),
        lambda g, y, *inputs, **f: over_all(rows(_once(g, y, *inputs, **f), 1, len(y)), rows(y, 0, len(y) - 1)),
    ),
)  # fmt: skip


def rnn(x: Any, h0: Any, weight: Any, function: str = "tanh") -> Tensor:
    """h[t] = f(x[t] + h[t-1] Wᵀ) for all times t, with h0 before the first; f is tanh or relu.

    Shapes: x (t, n, h), h0 (n, h), weight (h, h); result (t, n, h).
    Raises: ShapeError; UsageError for another function. Source: Elman 1990.
    """
    if function not in FUNCTIONS:
        raise UsageError(
            "a simple recurrence has one of two functions", given=repr(function), needed=" or ".join(FUNCTIONS),
            fix=near_miss(function, FUNCTIONS) or "write the loop with scan for any other",
        )  # fmt: skip
    return bind(_rnn_of, *promote((x, h0, weight), floating=True), function=function)[1:]
