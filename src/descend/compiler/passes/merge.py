"""Common subexpressions: the same operation on the same inputs is computed once.

Random operations and calls back into Python are never merged, whatever their inputs.
"""

from __future__ import annotations

from collections.abc import Hashable

from descend.compiler.graph import Equation, Fused, Graph, Literal, Value

SMALL = 64  # elements; larger literals are equal only if they are the same array


def merged(graph: Graph) -> Graph:
    """The graph with each distinct expression computed once."""
    first: dict[Hashable, Value] = {}
    same: dict[Value, Value] = {}
    kept: list[Equation] = []
    for given in graph.equations:
        equation = given.with_inputs(tuple(same.get(x, x) for x in given.inputs))
        key = _key(equation)
        if key is None or key not in first:
            kept.append(equation)
            if key is not None:
                first[key] = equation.output
        else:
            same[equation.output] = first[key]
    return Graph(graph.inputs, tuple(kept), tuple(same.get(x, x) for x in graph.outputs))


def _key(equation: Equation) -> Hashable | None:
    """Equal for equations that compute the same; None for one that is never merged."""
    if not equation.pure or isinstance(equation.operation, Fused):
        return None
    attributes = tuple(sorted((name, repr(value)) for name, value in equation.attributes.items()))
    return equation.operation, attributes, tuple(map(_identity, equation.inputs))


def _identity(value: Value) -> Hashable:
    if isinstance(value, Literal) and value.size <= SMALL:
        return value.kind, value.array.tobytes()  # by bytes: 0.0 and -0.0 differ, a NaN is equal to itself
    return id(value.array) if isinstance(value, Literal) else value
