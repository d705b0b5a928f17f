"""Tracing: run a function once on values without numbers, and keep what it does as a graph.

A trace is one more interpreter behind `bind`. While it runs, every tensor that it meets holds a `Value` (a shape, a
type and no numbers) in place of its array, so whatever is computed from it is a value too, gradients and updates
included. Afterwards the tensors get their arrays back. What the graph reads anew at each run are its sources:

    an argument          the tensor passed in that place
    a cell               the number it holds when the run begins; the last value written to it becomes an output
    a captured tensor    by identity: a new value put into its box is seen by the next run
    a cell's gradient    where the function adds to it

Only Python numbers, and tensors that nobody else can reach, become constants. Python code that asks for a number
(`if x > 0`, `float(x)`, `x.numpy()`) gets a `TraceError` that names its line.
"""

from __future__ import annotations

import traceback
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from descend.compiler.graph import Array, Equation, Graph, Literal, Value
from descend.compiler.kinds import kind_of
from descend.engine import Cell, Primitive, Tensor, TraceError, interpreting
from descend.engine.modes import state
from descend.engine.tape import Node
from descend.engine.tensor import Constant, box

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Gradient:
    """The gradient of a cell, as a source."""

    cell: Cell

    @property
    def value(self) -> Array:
        """The present gradient. Raises: TraceError where there is none any more."""
        if self.cell.grad is None:
            raise TraceError(
                "a gradient that the compiled step adds to is gone", given="grad is None",
                needed="a gradient, as there was one when it was traced", fix="call zero_grad() inside the step",
            )  # fmt: skip
        return self.cell.grad.value  # type: ignore[no-any-return]


Source = Tensor | Gradient | int


@dataclass
class Traced:
    """A graph with the places that it reads from and writes to.

    Attributes:
        graph: its inputs are those of `sources`; its outputs are the results, then the written values, then gradients.
        sources: for each input of the graph where its array is read from; a number stands for an argument.
        results: what the function returned, with each traced tensor replaced by its place among the outputs.
        written: the cells that get the next outputs.
        graded: the tensors whose gradients are the last outputs.
    """

    graph: Graph
    sources: list[Source]
    results: Any
    written: list[Cell]
    graded: list[Tensor]


@dataclass(frozen=True)
class Place:
    """Stands in a result for output number `number` of the graph."""

    number: int


@dataclass
class Trace:
    """The interpreter that writes down what passes through `bind`."""

    equations: list[Equation] = field(default_factory=list)
    sources: dict[Value, Any] = field(default_factory=dict)  # a captured tensor is referred to weakly
    literals: dict[int, tuple[Array, Literal]] = field(default_factory=dict)  # by the id of a constant's array
    lifted: list[tuple[weakref.ref[Tensor], Array, Value]] = field(default_factory=list)
    written: dict[int, Cell] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)  # by the id of a cell

    def bind(self, primitive: Primitive, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Value:
        """Write the equation down; its result is a value without numbers."""
        values = tuple(map(self.value, inputs))
        meaning = state.overrides.get(primitive.name)
        result = kind_of(primitive, values, attributes, meaning)
        self.equations.append(Equation(primitive, values, (result,), dict(attributes), meaning))
        return result

    def write(self, cell: Cell, value: Any) -> None:  # noqa: ARG002  what is written last is seen in the cell
        """Remember the cell: its last value is an output."""
        self.read(cell)
        self.written[id(cell)] = cell

    def read(self, tensor: Tensor) -> None:
        """From here on the tensor holds a value without numbers."""
        known = isinstance(tensor, Constant) or id(tensor) in self.written or id(tensor.value) in self.literals
        if isinstance(tensor.value, np.ndarray) and not known:
            self._lift(tensor, tensor if isinstance(tensor, Cell) else weakref.ref(tensor))

    def gradient(self, cell: Cell) -> None:
        """The gradient that the cell has already is a source too."""
        if cell.grad is not None and isinstance(cell.grad.value, np.ndarray):
            self._lift(cell.grad, Gradient(cell))

    def _lift(self, tensor: Tensor, source: Any) -> None:
        array = tensor.value
        value = Value(array.shape, array.dtype, self.names.get(id(tensor), ""))
        self.sources[value] = source
        self.lifted.append((weakref.ref(tensor), array, value))
        tensor.value = value

    def argument(self, number: int, given: Tensor) -> Tensor:
        """A tensor that stands for an argument."""
        value = Value(given.shape, given.dtype, f"x{number}")
        self.sources[value] = number
        return box(value, Node() if given.requires_grad else None)

    def value(self, x: Tensor) -> Value:
        """What a tensor is in the graph."""
        held = x.value
        if isinstance(held, Value):
            return held
        if isinstance(x, Constant) or id(x) in self.written or id(held) in self.literals:
            return self._literal(held)
        self.read(x)
        return x.value  # type: ignore[no-any-return]

    def _literal(self, array: Array) -> Literal:
        return self.literals.setdefault(id(array), (array, Literal(array)))[1]

    def restore(self) -> None:
        """Give every tensor its array back."""
        for reference, array, _ in self.lifted:
            tensor = reference()
            if tensor is not None:
                tensor.value = array

    def check_untouched(self) -> None:
        """Raises: TraceError where the function put a new value into a captured tensor: a run could not do so."""
        for reference, _, value in self.lifted:
            tensor = reference()
            if tensor is not None and not isinstance(tensor, Cell) and tensor.value is not value:
                raise TraceError(
                    "a compiled function changes cells only", given=f"x[i] = ... on a captured tensor {value.kind}",
                    needed="a Cell, or a tensor made inside the function", fix="make it with Cell(...)",
                )  # fmt: skip


def trace(
    function: Callable[..., Any], arguments: list[Tensor], rebuild: Callable[[list[Any]], tuple[Any, Any]],
    cells: Mapping[str, Cell], gradients: bool = False,
) -> Traced:  # fmt: skip
    """What `function` does, as a graph.

    Args:
        arguments: the tensors among the function's arguments.
        rebuild: from such a list to the positional and named arguments of the call.
        cells: those known to be within the function's reach, by name.
        gradients: whether `grad` of the cells is set as it would be without compiling.

    Raises: TraceError where Python needs the number behind a traced value.
    """
    tracer = Trace(names={id(cell): name for name, cell in cells.items()})
    with _gradients_restored(cells.values()) as before, interpreting(tracer):
        try:
            for cell in cells.values():
                tracer.read(cell)
                tracer.gradient(cell)
            given = [tracer.argument(i, x) for i, x in enumerate(arguments)]
            positional, named = rebuild(list(given))
            before_call = [x.value for x in given]
            returned = function(*positional, **named)
            _check_arguments(given, before_call)
            graded = _graded(cells.values(), before) if gradients else []
            if not gradients:
                _check_no_sum(tracer, before)
            return _finished(tracer, returned, graded)
        except TraceError as error:
            raise _located(error) from None
        finally:
            tracer.restore()


def _finished(tracer: Trace, returned: Any, graded: list[Tensor]) -> Traced:
    tracer.check_untouched()
    written = list(tracer.written.values())
    results: list[Value] = []
    shown = _placed(returned, results, tracer)
    outputs = [*results, *map(tracer.value, written), *[tracer.value(x.grad) for x in graded if x.grad is not None]]
    kept, constants = _inputs(tracer)
    graph = _with_constants(Graph(tuple(kept), tuple(tracer.equations), tuple(outputs)), constants)
    used = {value for equation in graph.equations for value in equation.inputs} | set(graph.outputs)
    inputs = [value for value in kept if value in used]
    graph = Graph(tuple(inputs), graph.equations, graph.outputs)
    return Traced(graph, [kept[value] for value in inputs], shown, written, graded)


def _placed(returned: Any, results: list[Value], tracer: Trace) -> Any:
    """What was returned, with a `Place` for every tensor that the function made; cells are returned as they are."""
    if isinstance(returned, Tensor) and not isinstance(returned, Cell):
        results.append(tracer.value(returned))
        return Place(len(results) - 1)
    if isinstance(returned, dict):
        return {key: _placed(part, results, tracer) for key, part in returned.items()}
    if isinstance(returned, (list, tuple)):
        parts = [_placed(part, results, tracer) for part in returned]
        return type(returned)(*parts) if hasattr(returned, "_fields") else type(returned)(parts)
    return returned


def _inputs(tracer: Trace) -> tuple[dict[Value, Source], dict[Value, Literal]]:
    """What each input is read from; and the tensors that nobody holds any more, which can therefore never change."""
    arrays = {value: array for _, array, value in tracer.lifted}
    kept: dict[Value, Source] = {}
    constants: dict[Value, Literal] = {}
    for value, source in tracer.sources.items():
        found = source() if isinstance(source, weakref.ref) else source
        if found is None:
            constants[value] = Literal(arrays[value])
        else:
            kept[value] = found
    return kept, constants


def _with_constants(graph: Graph, constants: dict[Value, Literal]) -> Graph:
    if not constants:
        return graph
    equations = [e.with_inputs(tuple(constants.get(x, x) for x in e.inputs)) for e in graph.equations]
    return Graph(graph.inputs, tuple(equations), tuple(constants.get(x, x) for x in graph.outputs))


# Gradients: of cells, before and after.


@contextmanager
def _gradients_restored(cells: Iterable[Cell]) -> Iterator[dict[int, Tensor | None]]:
    before = {id(cell): cell.grad for cell in cells}
    try:
        yield before
    finally:
        for cell in cells:
            if cell.node is not None:
                cell.node.grad = before[id(cell)]


def _graded(cells: Iterable[Cell], before: dict[int, Tensor | None]) -> list[Tensor]:
    return [cell for cell in cells if cell.grad is not None and cell.grad is not before[id(cell)]]


def _check_arguments(given: list[Tensor], before: list[Any]) -> None:
    """Raises: TraceError where the function put a new value into an argument: a run could not do so."""
    for tensor, value in zip(given, before, strict=True):
        if tensor.value is not value:
            raise TraceError(
                "a compiled function leaves its arguments as they are", given=f"x[i] = ... on an argument {value.kind}",
                needed="a tensor made inside the function", fix="x = ops.copy(x) first",
            )  # fmt: skip


def _check_no_sum(tracer: Trace, before: dict[int, Tensor | None]) -> None:
    """Raises: TraceError where the function read a gradient that was there before it began: next time it is not."""
    stale = {g.value for g in before.values() if g is not None}
    if any(value in stale for equation in tracer.equations for value in equation.inputs):
        raise TraceError(
            "a compiled step uses gradients that were there before it began", given="backward() without zero_grad()",
            needed="gradients made within the step", fix="call zero_grad() first, or compile(..., gradients=True)",
        )  # fmt: skip


# Where it went wrong.


def _located(error: TraceError) -> TraceError:
    """The error with the user's own line in it: the innermost one outside of this package."""
    frames = traceback.extract_tb(error.__traceback__)
    for inside in ((PACKAGE,), (PACKAGE / "engine", PACKAGE / "compiler")):
        outside = [f for f in frames if not any(Path(f.filename).is_relative_to(room) for room in inside)]
        if not outside:
            continue
        where = f"{outside[-1].filename}:{outside[-1].lineno}: {outside[-1].line}"
        error.given = f"{error.given}, at {where}" if error.given else where
        break
    return error
