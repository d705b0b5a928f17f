"""The fast executor: kernels in machine code, one after the other, on one plan of memory.

A graph is improved, fused and planned, and becomes a table of numbers: for each kernel its arguments, for each
stretch of kernels their addresses. A run fills in the addresses of this run's inputs and results and calls each
stretch once. Equations without a kernel are evaluated by NumPy between the stretches.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from descend.compiler.binding import Call, Fault, Room, call_of
from descend.compiler.cost import cost
from descend.compiler.executors.interpret import meaning_of
from descend.compiler.executors.results import Pool, Spots, vector
from descend.compiler.executors.trial import Trial
from descend.compiler.graph import Array, Equation, Graph, Literal, Value
from descend.compiler.passes import improved
from descend.compiler.passes.fuse import fused
from descend.compiler.passes.plan import is_look, planned
from descend.engine import DescendError, ShapeError
from descend.kernels import bounds, jit, program, threads

SIGNATURE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)

WORTH_THREADS = 0.5e-3  # seconds of one thread: below that, waking the others takes longer than it saves

Known = dict[Value, Array]
"""The arrays of this run's inputs, results and evaluated values, by their roots in the plan."""

Slots = list[tuple[int, int]]
"""Where in the table the address of an array stands, and how many bytes behind its beginning."""


@dataclass
class Stretch:
    """Kernels that follow one another: address, place of the arguments in the table, and equation of each."""

    calls: list[tuple[int, int]] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)
    faults: list[tuple[Equation, Array]] = field(default_factory=list)
    reports: list[tuple[Equation, Array]] = field(default_factory=list)  # in the debug mode of `kernels.bounds`
    table: Array = field(default_factory=lambda: np.zeros(1, np.int64))
    counter: Array = field(default_factory=lambda: np.zeros(8, np.int64))
    trial: Trial = field(default_factory=lambda: Trial((1,)))

    def complete(self, arguments: int) -> None:
        """Write down what `kernels.program` reads; `arguments` is the address of the table of arguments."""
        rows = [number for kernel, start in self.calls for number in (kernel, arguments + 8 * start)]
        self.table = np.array([len(self.calls), self.counter.ctypes.data, *rows], np.int64)
        worth = threads.count() > 1 and _seconds(self.equations) > WORTH_THREADS
        self.trial = Trial((1, threads.count()) if worth else (1,))

    def run(self, driver: Callable[[int, int, int], None]) -> None:
        """Run the kernels, by several threads where that is worth it."""
        address = self.table.ctypes.data

        def work(size: int) -> None:
            if size == 1:
                driver(address, 0, 1)
            else:
                self.counter[0] = 0
                threads.team(size).run(lambda number, size: driver(address, number, size))

        self.trial.run(work)
        for equation, report in self.reports:
            if report[0]:
                raise _left(equation, report)
        for equation, fault in self.faults:
            if fault[0]:
                _refuse(equation, fault)


class BoundsError(DescendError, IndexError):
    """A kernel would have read or written outside of an array: an error of the kernel."""


def _left(equation: Equation, report: Array) -> BoundsError:
    _, number, offset, size, _ = map(int, report)
    report[:] = 0
    return BoundsError(
        f"the kernel of {equation.name} leaves an array", given=f"byte {offset} of argument {number}, which has {size}",
        needed=f"0 to {size - 1}", fix="this is an error of the kernel, not of your program: please report it",
    )  # fmt: skip


def _extent(argument: int | Value | Room | Fault) -> int:
    """The bytes that a kernel may touch behind the address that an argument is."""
    if isinstance(argument, Value):
        return argument.size * argument.dtype.itemsize
    return 24 if isinstance(argument, Fault) else argument.size * threads.count() if isinstance(argument, Room) else 0


def _refuse(equation: Equation, fault: Array) -> None:
    """Raises: what NumPy says to an index out of range, of which a kernel has told."""
    _, place, index = map(int, fault)
    fault[:] = 0
    arrays = [np.zeros(x.shape, x.dtype) for x in equation.inputs]
    arrays[1].reshape(-1)[place] = index
    meaning_of(equation)(*arrays)
    raise ShapeError("an index is out of range", given=f"{index} at {place} of {equation.inputs[1].kind}")


@dataclass
class Evaluated:
    """An equation that NumPy computes."""

    equation: Equation
    meaning: Callable[..., tuple[Array, ...]]


@dataclass
class Joined:
    """Parts of a vector that could not be made in their places and are copied there."""

    vector: Value
    parts: list[tuple[Value, int]]


class Native:
    """A graph made ready to run. `graph` is what it became, `calls` the kernel of each equation that has one."""

    def __init__(self, graph: Graph) -> None:
        self.graph = fused(improved(graph))
        self.calls: dict[Equation, Call] = {e: c for e in self.graph.equations if (c := call_of(e)) is not None}
        self.given = [e for e in self.graph.equations if _joins_inputs(e, self.graph)]
        self.plan = planned(self.graph, self._made())
        self.arena = _aligned(self.plan.size)
        self.room = _aligned(max([_room(call) for call in self.calls.values()], default=0) * threads.count())
        self.driver = SIGNATURE(jit.address("program", program.source()))
        self.spots: Spots = {}
        self.results = {root: Pool(root, self._parts(root), self.spots) for root in self._results()}
        self.dynamic: dict[Value, Slots] = {}  # of roots outside of the arena
        self.views: dict[Value, Array] = {}  # of values in the arena
        self.literals: dict[Value, Array] = {}  # as kernels want them, and kept alive
        self.steps: list[Stretch | Evaluated | Joined] = []
        self.table = self._compiled()
        self.cells = self.table.data  # the same memory, quicker to write to
        self.read = [value for value in self.graph.inputs if value in self.dynamic]
        self.output_roots = [self.plan.root(value) for value in self.graph.outputs]

    def _made(self) -> list[Value]:
        """The values that kernels write, and vectors that are put together from such."""
        joined = [e.output for e in self.graph.equations if _is_ravel(e) and e not in self.given]
        return [*(value for e in self.calls for value in e.outputs), *joined]

    def _results(self) -> list[Value]:
        """The roots that are seen from outside and written here: other arrays at each run."""
        written = dict.fromkeys(self.plan.root(value) for value in self._made())
        return [root for root in written if root not in self.plan.offsets]

    def _parts(self, root: Value) -> list[tuple[int, Value]]:
        """The outputs that lie in the array of a root, and where."""
        return [(self.plan.place(x).start, x) for x in self.graph.outputs if self.plan.root(x) is root]

    # Before the first run.

    def _compiled(self) -> Array:
        """Fill `steps`; returns the arguments of all kernels in one row."""
        arguments: list[int] = []
        for equation in self.graph.equations:
            if equation in self.calls:
                self._add_call(equation, arguments)
            elif _is_ravel(equation) and equation not in self.given:
                self._add_join(equation)
            elif not is_look(equation) and equation not in self.given:
                self.steps.append(Evaluated(equation, meaning_of(equation)))
        table = np.array(arguments, np.int64)
        for step in self.steps:
            if isinstance(step, Stretch):
                step.complete(table.ctypes.data)
        return table

    def _add_call(self, equation: Equation, arguments: list[int]) -> None:
        call = self.calls[equation]
        last = self.steps[-1] if self.steps else None
        stretch = last if isinstance(last, Stretch) else Stretch()
        if stretch is not last:
            self.steps.append(stretch)
        stretch.equations.append(equation)
        if bounds.wanted():
            stretch.reports.append((equation, np.zeros(bounds.REPORT, np.int64)))
            arguments += [*map(_extent, reversed(call.arguments)), stretch.reports[-1][1].ctypes.data]
        stretch.calls.append((jit.address(call.symbol, call.source), len(arguments)))
        for argument in call.arguments:
            if isinstance(argument, Fault):
                stretch.faults.append((equation, np.zeros(3, np.int64)))
                arguments.append(stretch.faults[-1][1].ctypes.data)
            else:
                arguments.append(self._number(argument, len(arguments)))

    def _add_join(self, equation: Equation) -> None:
        vector, start, parts = self.plan.place(equation.output), 0, []
        for x in equation.inputs:
            place = self.plan.place(x)
            if (place.root, place.start) != (vector.root, vector.start + start):
                parts.append((x, start))
            start += x.size
        if parts:
            self.steps.append(Joined(equation.output, parts))

    def _number(self, argument: int | Value | Room, slot: int) -> int:
        """The argument as a number; one that is known only at the run is noted."""
        if isinstance(argument, int):
            return argument
        if isinstance(argument, Room):
            return int(self.room.ctypes.data)
        place = self.plan.place(argument)
        offset = place.start * argument.dtype.itemsize
        if isinstance(place.root, Literal):
            whole = self.literals.setdefault(place.root, np.ascontiguousarray(place.root.array))
            return int(whole.ctypes.data) + offset
        if place.root in self.plan.offsets:
            return int(self.arena.ctypes.data) + self.plan.offsets[place.root] + offset
        self.dynamic.setdefault(place.root, []).append((slot, offset))
        return 0

    # Each run.

    def __call__(self, arrays: Sequence[Array]) -> list[Array]:
        """The outputs for these inputs."""
        known = self.begin(arrays)
        views = {root: iter(pool.lent.views) for root, pool in self.results.items()}
        with np.errstate(all="ignore"):
            for step in self.steps:
                if isinstance(step, Stretch):
                    step.run(self.driver)
                elif isinstance(step, Evaluated):
                    self.evaluate(step, known)
                else:
                    self.join(step, known)
        return [
            next(views[root]) if root in views else self._array(value, known)
            for value, root in zip(self.graph.outputs, self.output_roots, strict=True)
        ]

    def begin(self, arrays: Sequence[Array]) -> Known:
        """Fill in the addresses of this run's inputs and results."""
        known: Known = dict(zip(self.graph.inputs, arrays, strict=True))
        for value in self.read:
            spot = self.spots.get(id(known[value]))
            if spot is not None:
                self._fill(value, spot.address)
            else:
                self._know(value, np.ascontiguousarray(known[value]), known)
        for equation in self.given:
            known[equation.output], address = vector([known[x] for x in equation.inputs], self.spots)
            self._fill(equation.output, address)
        for root, pool in self.results.items():
            lent = pool.take()
            known[root] = lent.array
            self._fill(root, lent.address)
        return known

    def _know(self, root: Value, array: Array, known: Known) -> None:
        known[root] = array
        self._fill(root, array.ctypes.data)

    def _fill(self, root: Value, address: int) -> None:
        for slot, offset in self.dynamic.get(root, ()):
            self.cells[slot] = address + offset

    def overwritten(self, equation: Equation) -> list[Array]:
        """The inputs where its kernel puts results."""
        roots = {self.plan.root(value) for value in equation.outputs}
        return [self._array(x, {}) for x in equation.inputs if self.plan.root(x) in roots]

    def evaluate(self, step: Evaluated, known: Known) -> None:
        """Compute an equation by NumPy."""
        found = step.meaning(*[self._array(x, known) for x in step.equation.inputs])
        for value, array in zip(step.equation.outputs, found, strict=True):
            # A view is copied: it may lie in the arena, where something else will be written.
            self._know(value, np.ascontiguousarray(array if array.base is None else array.copy()), known)

    def join(self, step: Joined, known: Known) -> None:
        """Copy parts of a vector to their places."""
        vector = self._array(step.vector, known)
        for x, start in step.parts:
            vector[start : start + x.size] = self._array(x, known).reshape(-1)

    def _array(self, value: Value, known: Known) -> Array:
        """The value as an array over the memory where it lies."""
        if isinstance(value, Literal):
            return value.array
        place = self.plan.place(value)
        if place.root in known:
            return known[place.root].reshape(-1)[place.start : place.start + value.size].reshape(value.shape)
        if value not in self.views:
            start = self.plan.offsets[place.root] + place.start * value.dtype.itemsize
            part = self.arena[start : start + value.size * value.dtype.itemsize]
            self.views[value] = part.view(value.dtype).reshape(value.shape)
        return self.views[value]


def _seconds(equations: Sequence[Equation]) -> float:
    """About how long one thread needs: at 100 GFLOP/s and 10 GB/s, whichever is slower."""
    costs = [cost(equation) for equation in equations]
    return sum(max(c.flops / 100e9, c.bytes / 10e9) for c in costs)


def _is_ravel(equation: Equation) -> bool:
    return equation.name == "ravel" and not equation.opaque


def _joins_inputs(equation: Equation, graph: Graph) -> bool:
    """Whether it puts a vector together from what is given: parameters, mostly, which lie in one vector already."""
    return _is_ravel(equation) and set(equation.inputs) <= set(graph.inputs)


def _room(call: Call) -> int:
    return sum(argument.size for argument in call.arguments if isinstance(argument, Room))


def _aligned(n: int) -> Array:
    """n bytes from a cache line's boundary on."""
    raw = np.zeros(n + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + n]
