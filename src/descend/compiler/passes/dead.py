"""Dead code: an equation whose results nobody reads is left out. Calls back into Python stay: they may do something."""

from __future__ import annotations

from descend.compiler.graph import Equation, Graph, Value


def without_dead_code(graph: Graph) -> Graph:
    """The graph with only those equations that an output depends on, and those that are opaque."""
    needed: set[Value] = set(graph.outputs)
    kept: list[Equation] = []
    for equation in reversed(graph.equations):
        if equation.opaque or needed & set(equation.outputs):
            kept.append(equation)
            needed.update(equation.inputs)
    return Graph(graph.inputs, tuple(kept[::-1]), graph.outputs)
