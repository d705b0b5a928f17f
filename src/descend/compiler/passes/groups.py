"""Groups: several equations as one operation."""

from __future__ import annotations

from collections.abc import Iterable

from descend.compiler.graph import Equation, Fused, Graph, Literal, Value


def group_of(members: Iterable[Equation], results: tuple[Value, ...], name: str) -> Equation:
    """The equations as one operation with these results."""
    equations = tuple(members)
    made = {value for e in equations for value in e.outputs}
    read = [x for e in equations for x in e.inputs if x not in made and not isinstance(x, Literal)]
    inputs = tuple(dict.fromkeys(read))
    inner = {x: Value(x.shape, x.dtype, x.name) for x in (*inputs, *made)}
    body = Graph(
        tuple(inner[x] for x in inputs),
        tuple(_renamed(e, inner) for e in equations),
        tuple(inner[x] for x in results),
    )
    return Equation(Fused(body, name), inputs, results)


def _renamed(equation: Equation, inner: dict[Value, Value]) -> Equation:
    inputs = tuple(inner.get(x, x) for x in equation.inputs)
    outputs = tuple(inner[x] for x in equation.outputs)
    return Equation(equation.operation, inputs, outputs, equation.attributes)
