"""The meaning of a graph: one equation after the other is evaluated.

Every executor must agree with this one. It calls what eager evaluation calls, on arrays of the same layout, so its
numbers are eager's bit for bit; inside `reference` both are NumPy's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from descend.compiler.graph import Array, Equation, Fused, Graph, Literal, Value
from descend.engine.modes import state


class Interpreted:
    """A graph as a list of calls on numbered slots. A slot is emptied after its last use, so memory is reused."""

    def __init__(self, graph: Graph) -> None:
        self.slots: dict[Value, int] = {}
        self.start: list[Any] = []
        self.inputs = [self._slot(value) for value in graph.inputs]
        rows = [(e, self._slots(e.inputs), self._slots(e.outputs)) for e in graph.equations]
        self.outputs = self._slots(graph.outputs)
        self.rows = _with_last_uses(rows, kept={*self.inputs, *self.outputs, *self._literals()})

    def __call__(self, arrays: Sequence[Array]) -> list[Array]:
        """The outputs for these inputs."""
        slots = list(self.start)
        for slot, array in zip(self.inputs, arrays, strict=True):
            slots[slot] = array
        with np.errstate(all="ignore"):
            for meaning, read, written, done in self.rows:
                for slot, value in zip(written, meaning(*[slots[i] for i in read]), strict=True):
                    slots[slot] = value
                for slot in done:
                    slots[slot] = None
        return [slots[i] for i in self.outputs]

    def _slot(self, value: Value) -> int:
        if value not in self.slots:
            self.slots[value] = len(self.start)
            self.start.append(value.array if isinstance(value, Literal) else None)
        return self.slots[value]

    def _slots(self, values: Sequence[Value]) -> list[int]:
        return [self._slot(value) for value in values]

    def _literals(self) -> list[int]:
        return [slot for value, slot in self.slots.items() if isinstance(value, Literal)]


Row = tuple[Callable[..., tuple[Array, ...]], list[int], list[int], list[int]]


def _with_last_uses(rows: list[tuple[Equation, list[int], list[int]]], kept: set[int]) -> list[Row]:
    found: list[Row] = []
    seen = set(kept)
    for equation, read, written in reversed(rows):
        done = [slot for slot in {*read, *written} if slot not in seen]
        seen.update(done)
        found.append((meaning_of(equation), read, written, done))
    return found[::-1]


def meaning_of(equation: Equation) -> Callable[..., tuple[Array, ...]]:
    """The equation as a function from arrays to a tuple of arrays."""
    if isinstance(equation.operation, Fused):
        body = Interpreted(equation.operation.body)
        return lambda *arrays: tuple(body(arrays))
    evaluate, attributes = equation.meaning or equation.operation.compute, dict(equation.attributes)
    if equation.meaning is not None:
        evaluate = _counted(equation.operation.name, evaluate)
    return lambda *arrays: (np.asarray(evaluate(*arrays, **attributes)),)


def _counted(symbol: str, replacement: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arrays: Array, **attributes: Any) -> Any:
        state.override_calls[symbol] = state.override_calls.get(symbol, 0) + 1
        return replacement(*arrays, **attributes)

    return call
