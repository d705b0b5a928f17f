"""Recurrences: a layer's whole sequence, its gates, and the way back."""

from __future__ import annotations

from descend.compiler.binding.call import REALS, Call, Room
from descend.compiler.graph import Equation, Value
from descend.kernels import jit
from descend.kernels.expression import KINDS
from descend.kernels.recurrence import BACK, BOTH, GATES, STATES, Recurrence

WAYS = {
    "rnn": STATES, "lstm": STATES, "gru": STATES, "lstm_gates": GATES, "gru_gates": GATES,
    "rnn_adjoint": BACK, "lstm_adjoint": BACK, "gru_adjoint": BACK,
}  # fmt: skip


def recurrence(equation: Equation) -> Call | None:
    """The states, the gates or the cotangents of all steps."""
    cell = equation.attributes.get("function", equation.name.partition("_")[0])
    return _call(cell, WAYS[equation.name], equation.inputs, equation.outputs)


def with_gates(equation: Equation) -> Call | None:
    """The states and the gates."""
    states = equation.body.equations[0]
    outer = dict(zip(equation.body.inputs, equation.inputs, strict=True))  # what is known already is not among them
    return _call(states.name, BOTH, tuple(outer.get(x, x) for x in states.inputs), equation.outputs)


def _call(cell: str, way: str, inputs: tuple[Value, ...], results: tuple[Value, ...]) -> Call | None:
    values = (*inputs, *results)
    if len({x.dtype for x in values}) > 1 or inputs[0].dtype.name not in REALS or not all(x.size for x in results):
        return None
    kernel = Recurrence(cell, way, KINDS[inputs[0].dtype.name], jit.target().vector_bytes)
    shape = dict(zip(kernel.arrays, (x.shape for x in values), strict=True))
    steps, rows = shape["g"][-3:-1] if way == BACK else shape["x"][:2]
    units = shape["w"][1]
    room = kernel.room(units)
    return Call("recurrence", kernel.source(), (steps - (way == BACK), rows, units, room, *values, Room(room)))
