"""Whether a graph fits together."""

from __future__ import annotations

from descend.compiler.graph import Equation, Fused, Graph, GraphError, Literal, Value
from descend.compiler.kinds import kind_of
from descend.compiler.text import Names, attributes
from descend.engine.errors import DescendError


def verify(graph: Graph) -> None:
    """Check that each value is defined once, before its use, with the kind its operation gives. Raises: GraphError."""
    known: set[Value] = set()
    name = Names()
    for value in graph.inputs:
        _define(value, known, f"input {name(value)}")
    for number, equation in enumerate(graph.equations):
        where = f"equation {number}: {equation.name}({', '.join(map(name, equation.inputs))})"
        for value in equation.inputs:
            _check_known(value, known, where)
        _check_kinds(equation, where)
        for value in equation.outputs:
            _define(value, known, where)
    for value in graph.outputs:
        _check_known(value, known, "return")


def _define(value: Value, known: set[Value], where: str) -> None:
    if value in known or isinstance(value, Literal):
        raise GraphError("a value is defined twice", given=where, needed="one definition a value")
    known.add(value)


def _check_known(value: Value, known: set[Value], where: str) -> None:
    if value not in known and not isinstance(value, Literal):
        raise GraphError("a value is used before it is defined", given=where, needed="definitions before uses")


def _check_kinds(equation: Equation, where: str) -> None:
    for found, needed in zip(equation.outputs, _wanted(equation, where), strict=True):
        if not found.same_kind(needed):
            at = ", ".join(attributes(equation.attributes))
            raise GraphError(
                "a result is not of the kind that its operation gives", given=f"{found.kind} in {where} {at}",
                needed=needed.kind,
            )  # fmt: skip


def _wanted(equation: Equation, where: str) -> tuple[Value, ...]:
    if not isinstance(equation.operation, Fused):
        try:
            return (kind_of(equation.operation, equation.inputs, equation.attributes, equation.meaning),)
        except DescendError as error:
            raise GraphError(f"an operation does not take its inputs: {error}", given=where) from error
    body = equation.operation.body
    verify(body)
    if [x.kind for x in body.inputs] != [x.kind for x in equation.inputs]:
        raise GraphError("what is fused is given other inputs than it takes", given=where)
    return body.outputs
