"""A recurrence and its gates are one operation if they are of the same input and weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from descend.compiler.graph import Equation, Graph, Value
from descend.compiler.passes.recurrences import with_recurrences
from descend.engine import PRIMITIVES

KINDS = {"x": (3, 2, 20), "h": (2, 5), "c": (2, 5), "w": (20, 5), "s": (2, 4, 2, 5), "other": (20, 5)}


def pair(weights: str = "w", meaning: Any = None) -> Graph:
    """A graph of a recurrence and its gates, with these weights of the gates."""
    at = {name: Value(shape, np.dtype(np.float32), name) for name, shape in KINDS.items()}
    gates = Value(KINDS["x"], np.dtype(np.float32))
    inputs = tuple(at[name] for name in ("x", "h", "c", "w", "other"))
    equations = (
        Equation(PRIMITIVES["lstm"], tuple(at[name] for name in "xhcw"), (at["s"],)),
        Equation(PRIMITIVES["lstm_gates"], (at["x"], at["s"], at[weights]), (gates,), {}, meaning),
    )
    return Graph(inputs, equations, (gates, at["s"])).verify()


def test_both_become_one_operation_of_two_results() -> None:
    graph = pair()
    (joined,) = with_recurrences(graph).verify().equations
    assert joined.name == "recurrence"
    assert joined.outputs == graph.outputs[::-1]


@pytest.mark.parametrize("graph", [pair("other"), pair(meaning=PRIMITIVES["lstm_gates"].evaluate)])
def test_gates_of_other_weights_or_replaced_ones_stay_by_themselves(graph: Graph) -> None:
    assert with_recurrences(graph) is graph


def test_a_replaced_recurrence_keeps_its_gates_apart() -> None:
    graph = pair()
    first, gates = graph.equations
    replaced = Equation(first.operation, first.inputs, first.outputs, {}, PRIMITIVES["lstm"].evaluate)
    graph = Graph(graph.inputs, (replaced, gates), graph.outputs)
    assert with_recurrences(graph) is graph
