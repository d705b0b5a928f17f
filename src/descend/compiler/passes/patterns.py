"""Patterns of expressions, written as Python expressions: "log(1 + exp(x))".

A name followed by brackets is a primitive, an operator the primitive it stands for, a bare name a variable that
matches anything (the same value wherever it is repeated), a number a literal that holds this number everywhere.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache

import numpy as np

from descend.compiler.graph import Equation, Literal, Value
from descend.compiler.kinds import kind_of
from descend.engine import PRIMITIVES

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.USub: "neg",
}  # fmt: skip
COMMUTATIVE = frozenset({"add", "mul", "maximum", "minimum", "equal", "not_equal"})


@dataclass(frozen=True)
class Application:
    """A primitive applied to patterns."""

    name: str
    parts: tuple[Pattern, ...]


Pattern = Application | str | float


@cache
def pattern(text: str) -> Pattern:
    """The pattern that `text` says."""
    return _pattern(ast.parse(text, mode="eval").body)


def _pattern(node: ast.AST) -> Pattern:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Call(func=ast.Name(id=name), args=parts):
            return Application(name, tuple(map(_pattern, parts)))
        case ast.BinOp(left=left, op=op, right=right):
            return Application(OPERATORS[type(op)], (_pattern(left), _pattern(right)))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -float(number)
        case ast.UnaryOp(op=op, operand=operand):
            return Application(OPERATORS[type(op)], (_pattern(operand),))
    raise ValueError(f"this is no pattern: {ast.unparse(node)}")


Bound = dict[str, Value]


def matched(wanted: Pattern, value: Value, makers: dict[Value, Equation], bound: Bound) -> Bound | None:
    """What each variable stands for, if the value was computed as the pattern says; None if not."""
    if isinstance(wanted, str):
        return {**bound, wanted: value} if bound.get(wanted, value) is value else None
    if isinstance(wanted, float):
        known = isinstance(value, Literal) and value.size > 0 and bool(np.all(value.array == wanted))
        return bound if known else None
    equation = makers.get(value)
    if equation is None or equation.opaque or equation.name != wanted.name or equation.attributes:
        return None
    orders = [equation.inputs, equation.inputs[::-1]] if wanted.name in COMMUTATIVE else [equation.inputs]
    return next((found for parts in orders if (found := _all(wanted.parts, parts, makers, bound)) is not None), None)


def _all(
    wanted: tuple[Pattern, ...], values: tuple[Value, ...], makers: dict[Value, Equation], bound: Bound
) -> Bound | None:
    found: Bound | None = bound if len(wanted) == len(values) else None
    for part, value in zip(wanted, values, strict=False):
        if found is None:
            return None
        found = matched(part, value, makers, found)
    return found


def built(wanted: Pattern, bound: Bound, like: Value, equations: list[Equation]) -> Value:
    """The value of the pattern with its variables filled in; what has to be computed is added to `equations`.

    Numbers take the type of `like`.
    """
    if isinstance(wanted, str):
        return bound[wanted]
    if isinstance(wanted, float):
        return Literal(np.asarray(wanted, like.dtype))
    parts = tuple(built(part, bound, like, equations) for part in wanted.parts)
    primitive = PRIMITIVES[wanted.name]
    result = kind_of(primitive, parts, {})
    equations.append(Equation(primitive, parts, (result,)))
    return result
