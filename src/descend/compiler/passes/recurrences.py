"""A recurrence and its gates, which the way back needs, become one operation: one kernel computes both at once."""

from __future__ import annotations

from descend.compiler.graph import Equation, Graph, Value
from descend.compiler.passes.groups import group_of

GATES = {"lstm_gates": "lstm", "gru_gates": "gru"}


def with_recurrences(graph: Graph) -> Graph:
    """The graph with each pair of a recurrence and its gates as a single operation."""
    makers = graph.makers()
    gates = {maker: e for e in graph.equations if (maker := _recurrence_of(e, makers)) is not None}
    if not gates:
        return graph
    joined = [_pair(e, gates[e]) if e in gates else e for e in graph.equations if e not in gates.values()]
    return Graph(graph.inputs, tuple(joined), graph.outputs)


def _recurrence_of(equation: Equation, makers: dict[Value, Equation]) -> Equation | None:
    """What has computed the states that these are the gates of, from the same input with the same weights."""
    if equation.opaque or equation.name not in GATES:
        return None
    x, states, *weights = equation.inputs
    maker = makers.get(states)
    fits = maker is not None and maker.name == GATES[equation.name] and maker.inputs[0] is x
    return maker if maker is not None and fits and list(maker.inputs[-len(weights) :]) == weights else None


def _pair(recurrence: Equation, gates: Equation) -> Equation:
    return group_of([recurrence, gates], (*recurrence.outputs, *gates.outputs), "recurrence")
