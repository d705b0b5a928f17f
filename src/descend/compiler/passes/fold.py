"""Constant folding: what depends on literals only is computed now, once."""

from __future__ import annotations

import numpy as np

from descend.compiler.graph import Equation, Graph, Literal, Value

LARGEST = 4096  # elements; a larger constant is cheaper to make anew than to keep


def folded(graph: Graph) -> Graph:
    """The graph with literals in place of the results that are known."""
    known: dict[Value, Value] = {}
    kept: list[Equation] = []
    for given in graph.equations:
        equation = given.with_inputs(tuple(known.get(x, x) for x in given.inputs))
        if _is_known(equation):
            known[equation.output] = Literal(_evaluated(equation))
        else:
            kept.append(equation)
    return Graph(graph.inputs, tuple(kept), tuple(known.get(x, x) for x in graph.outputs))


def _is_known(equation: Equation) -> bool:
    literal = all(isinstance(x, Literal) for x in equation.inputs)
    return literal and equation.pure and len(equation.outputs) == 1 and equation.output.size <= LARGEST


def _evaluated(equation: Equation) -> np.ndarray:
    from descend.compiler.executors.interpret import meaning_of

    with np.errstate(all="ignore"):
        (array,) = meaning_of(equation)(*[x.array for x in equation.inputs if isinstance(x, Literal)])
    return np.ascontiguousarray(array).reshape(array.shape)
