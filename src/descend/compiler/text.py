"""A graph as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count, product
from string import ascii_lowercase
from typing import Any

import numpy as np

from descend.compiler.graph import Equation, Fused, Graph, Literal, Value


class Names:
    """Names for values: an input keeps the name it came with, results are a, b, ... z, aa, ab, ..."""

    def __init__(self) -> None:
        self.given: dict[Value, str] = {}
        self.taken: set[str] = set()
        self.letters = ("".join(word) for n in count(1) for word in product(ascii_lowercase, repeat=n))

    def __call__(self, value: Value) -> str:
        if isinstance(value, Literal):
            return repr(value)
        if value not in self.given:
            self.given[value] = self._unused(value.name)
        return self.given[value]

    def _unused(self, wish: str) -> str:
        names = (f"{wish}{n or ''}" for n in count()) if wish else self.letters
        name = next(name for name in names if name not in self.taken)
        self.taken.add(name)
        return name


def printed(graph: Graph, names: Names | None = None, indent: str = "") -> str:
    """The graph, one equation a line; what is fused is shown indented under its equation."""
    name = names or Names()
    inputs = ", ".join(f"{name(value)}: {value.kind}" for value in graph.inputs)
    lines = [f"{indent}graph({inputs}):"]
    for equation in graph.equations:
        lines += _lines(equation, name, indent + "    ")
    return "\n".join([*lines, f"{indent}    return {', '.join(map(name, graph.outputs)) or 'nothing'}"])


def _lines(equation: Equation, name: Callable[[Value], str], indent: str) -> list[str]:
    arguments = [*map(name, equation.inputs), *attributes(equation.attributes)]
    results = ", ".join(f"{name(value)}: {value.kind}" for value in equation.outputs)
    lines = [f"{indent}{results} = {equation.name}({', '.join(arguments)})"]
    if isinstance(equation.operation, Fused):
        lines.append(printed(equation.operation.body, None, indent + "    "))
    return lines


def attributes(given: Mapping[str, Any]) -> list[str]:
    """Attributes as name=value."""
    return [f"{name}={_short(value)}" for name, value in given.items()]


def _short(value: Any) -> str:
    if isinstance(value, np.dtype):
        return str(value)
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    return repr(value)


def label(equation: Equation) -> str:
    """What an equation computes, in a few words: the operations that are fused in it, or its own."""
    if not isinstance(equation.operation, Fused):
        return equation.name
    names = list(equation.operation.body.operations())
    return f"{equation.name}: {' '.join(names[:5])}{f' and {len(names) - 5} more' if len(names) > 5 else ''}"
