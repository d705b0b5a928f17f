"""A forward pass as rows: which primitive was applied to what, watched at the one door."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, Primitive, Tensor, interpreting, no_grad
from descend.engine.errors import TraceError
from descend.engine.ops.recurrence import Unrolled
from descend.nn import Module
from descend.nn.inspection import undisturbed

Array = NDArray[Any]


@dataclass(frozen=True)
class Row:
    """One application: what it read and gave, as numbers of values, and their arrays."""

    primitive: Primitive
    attributes: dict[str, Any]
    read: list[int]
    gave: int
    inputs: list[Array]
    output: Array


@dataclass
class Watch:
    """The interpreter that watches. Values are numbered in the order in which they were first met.

    Attributes:
        rows: the applications in order.
        outside: number -> what came from outside: parameters, buffers, constants.
    """

    rows: list[Row] = field(default_factory=list)
    outside: dict[int, Tensor] = field(default_factory=dict)
    _numbers: dict[int, int] = field(default_factory=dict)
    _from_input: set[int] = field(default_factory=set)  # the numbers of the input and of what depends on it
    _alive: list[Any] = field(default_factory=list)  # so that no id is used twice

    def number(self, tensor: Tensor) -> int:
        """The number of a value; one that was not met before came from outside."""
        if id(tensor.value) not in self._numbers:
            self.outside[self._new(tensor.value)] = tensor
        return self._numbers[id(tensor.value)]

    def known(self, tensor: Tensor) -> int:
        """Give a value a number that is none from outside: the input."""
        at = self._new(tensor.value)
        self._from_input.add(at)
        return at

    def follows(self, tensor: Tensor) -> bool:
        """Whether a value depends on the input, or is it."""
        return self._numbers.get(id(tensor.value)) in self._from_input

    def bind(self, primitive: Primitive, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
        """Evaluate, and write a row; of a recurrence the rows of its steps, for ONNX's own keep their states."""
        if isinstance(primitive, Unrolled):
            return primitive.of_tensors(*inputs, **attributes).value
        read = [self.number(x) for x in inputs]
        arrays = [x.value for x in inputs]
        value = np.array(primitive.evaluate(*arrays, **attributes))  # a value of its own: a view might be its input
        gave = self._new(value)
        if not self._from_input.isdisjoint(read):
            self._from_input.add(gave)
        self.rows.append(Row(primitive, attributes, read, gave, arrays, value))
        return value

    def write(self, cell: Cell, value: Any) -> None:  # noqa: ARG002  the interpreter's signature
        """Refused: a file has no memory. Raises TraceError."""
        raise TraceError(
            "the forward pass writes to a cell, which a graph without memory cannot", given=f"shape {cell.shape}",
            needed="a model that only computes", fix="export it in evaluation mode",
        )  # fmt: skip

    def read(self, tensor: Tensor) -> None:
        """What Python looks at is baked in. Raises TraceError where it depends on the input, which will be another."""
        if self.follows(tensor):
            raise TraceError(
                "numbers that depend on the input are looked at from Python", given=f"a tensor of shape {tensor.shape}",
                needed="computation in tensor operations", fix="use where(condition, a, b) instead of `if`",
            )  # fmt: skip

    def _new(self, value: Any) -> int:
        self._alive.append(value)
        return self._numbers.setdefault(id(value), len(self._alive) - 1)


@dataclass(frozen=True)
class Watched:
    """A forward pass: its rows, what came from outside, the numbers of input and output, and what these look like."""

    rows: list[Row]
    outside: dict[int, Tensor]
    x: int
    y: int
    dtype: np.dtype[Any]
    output: Array


def watch(model: Callable[..., Any], x: Array) -> Watched:
    """Run x through the model in evaluation mode and write down what is computed.

    Raises TraceError where the output is no tensor that was computed from x.
    """
    seen, given = Watch(), Tensor(x)
    at = seen.known(given)
    with undisturbed(model) if isinstance(model, Module) else nullcontext(), no_grad(), interpreting(seen):
        y = model(given)
    if not isinstance(y, Tensor):
        raise TraceError(
            "only a model that computes one tensor can be exported", given=type(y).__name__, needed="a Tensor",
            fix="wrap the model in a module whose forward returns one output",
        )  # fmt: skip
    if not seen.follows(y):
        raise TraceError(
            "the output is not computed from its input", given=f"a tensor of shape {y.shape}",
            needed="an output that depends on the input", fix="does forward() use its argument?",
        )  # fmt: skip
    return Watched(seen.rows, seen.outside, at, seen.number(y), given.dtype, y.value)
