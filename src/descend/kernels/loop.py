"""Fused loops: any number of elementwise operations and reductions over one index space, as a single nest of loops.

Each element of each input is read once, everything is computed in registers, and only results are written. An operand
has some of the nest's axes and is repeated along the others, so broadcasting and reducing are one idea: a result that
lacks an axis is the sum (or maximum) over it.

Arguments of the kernel: the lengths of the axes, then the addresses of the inputs, then those of the results, all
C-contiguous over their own axes. Truth values are bytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from descend.kernels.code import BIT, BYTE, DOUBLE, FLOAT, Function, Term, Variable, real, whole
from descend.kernels.expression import constant, converted, emitted

Has = tuple[bool, ...]
"""For each axis of the nest, outermost first, whether an operand has it."""


@dataclass(frozen=True)
class Constant:
    """A number that is the same everywhere."""

    number: float
    kind: str


@dataclass(frozen=True)
class Step:
    """One operation: a `fast` form, or "to KIND", on constants and earlier values (numbered: inputs, then steps)."""

    form: str
    operands: tuple[int | Constant, ...]


@dataclass(frozen=True)
class Input:
    """An array to read: the type of its elements and its axes."""

    kind: str
    has: Has


@dataclass(frozen=True)
class Result:
    """An array to write: value number `value` of each point; `reduce`: how axes that it lacks are taken together."""

    value: int
    kind: str
    has: Has
    reduce: str = ""


@dataclass(frozen=True)
class Loop:
    """A nest of `axes` loops."""

    axes: int
    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]
    results: tuple[Result, ...]

    def source(self, name: str = "loop") -> str:
        """The kernel as a module of LLVM IR."""
        return _Nest(self, name).code.text()


def _shared(loop: Loop) -> int:
    """The axis that is divided among threads: the first one that every result has, or else the outermost.

    What a thread puts neutral elements into must be one piece.
    """
    axis = next((i for i in range(loop.axes) if all(result.has[i] for result in loop.results)), 0)
    for result in loop.results:
        first = result.has.index(False) if result.reduce and not all(result.has) else axis
        if any(result.has[first:axis]):
            return 0
    return axis


START = {"sum": 0.0, "max": -math.inf, "min": math.inf}


class _Nest:
    """Writes the loops of one kernel, from the outermost inwards."""

    def __init__(self, loop: Loop, name: str) -> None:
        self.loop, self.code = loop, Function(name)
        code, n = self.code, loop.axes
        self.lengths = [code.number(i) for i in range(n)]
        places = iter(range(n, n + len(loop.inputs) + len(loop.results)))
        self.sources = [code.pointer(next(places)) for _ in loop.inputs]
        self.targets = [code.pointer(next(places)) for _ in loop.results]
        self.loaded: dict[int, Term] = {}
        self.sums: dict[int, Variable] = {}
        self.shared = _shared(loop)
        self.part = self._share() if n else (whole(0), whole(1))
        if n:
            self._nest(0, [])
        else:  # a single point: there is nothing to share
            with code.when(code.compare("eq", code.parameter("thread"), whole(0))):
                self._nest(0, [])

    def _nest(self, depth: int, at: list[Term]) -> None:
        """The loops from `depth` on; `at` are the indices of those around."""
        self._start_results(depth, at)
        self._load(depth, at)
        if depth == self.loop.axes:
            self._compute(at)
            return
        innermost = depth == self.loop.axes - 1
        if innermost:
            self.sums = {i: self.code.variable(self._start(i)) for i in self._summed_inside()}
        first, last = self.part if depth == self.shared else (whole(0), self.lengths[depth])
        with self.code.loop(first, last, parallel=innermost) as i:
            self._nest(depth + 1, [*at, i])
        if innermost and self.sums:
            self._finish_sums(at)

    def _finish_sums(self, at: list[Term]) -> None:
        """Take what registers hold into the results.

        Where the summed axis is the shared one, only the first thread: another would put back what it has read before.
        """
        code, shared = self.code, self.loop.axes - 1 == self.shared
        with code.when(code.compare("eq", code.parameter("thread"), whole(0)) if shared else whole(1, BIT)):
            for number, total in self.sums.items():
                self._combine(number, total.get(), at)

    def _share(self) -> tuple[Term, Term]:
        """The part of the shared axis that this thread goes through; all of it for the first where it is reduced."""
        code, n = self.code, self.lengths[self.shared]
        thread, threads = code.parameter("thread"), code.parameter("threads")
        if all(result.has[self.shared] for result in self.loop.results):
            return self._cut(n, thread, threads), self._cut(n, code.add(thread, 1), threads)
        return whole(0), self._for_the_first_thread(n)

    def _for_the_first_thread(self, n: Term) -> Term:
        first = self.code.compare("eq", self.code.parameter("thread"), whole(0))
        return self.code.select(first, n, whole(0))

    def _cut(self, n: Term, thread: Term, threads: Term) -> Term:
        return self.code.binary("sdiv", self.code.mul(n, thread), threads)

    # Reading.

    def _load(self, depth: int, at: list[Term]) -> None:
        """Read the inputs whose last axis is the one just entered: not again in every turn of the loops inside."""
        for number, source in enumerate(self.loop.inputs):
            last = max((axis + 1 for axis, has in enumerate(source.has) if has), default=0)
            if last == depth:
                stored = BYTE if source.kind == BIT else source.kind
                found = self.code.load(stored, self.sources[number], self._index(source.has, at))
                self.loaded[number] = converted(self.code, found, source.kind)

    def _index(self, has: Has, at: list[Term]) -> Term:
        """The number of the element at these indices, in an array that has some of the axes."""
        index = whole(0)
        for axis, (own, i) in enumerate(zip(has, at, strict=False)):
            if own:
                index = self.code.add(self.code.mul(index, self.lengths[axis]), i)
        for axis in range(len(at), len(has)):
            if has[axis]:
                index = self.code.mul(index, self.lengths[axis])
        return index

    # Computing.

    def _compute(self, at: list[Term]) -> None:
        values = [self.loaded[i] for i in range(len(self.loop.inputs))]
        for step in self.loop.steps:
            values.append(self._step(step, values))
        for number, result in enumerate(self.loop.results):
            value = converted(self.code, values[result.value], result.kind)
            if number in self.sums:
                self.sums[number].set(self._taken_together(result, self.sums[number].get(), value))
            elif result.reduce:
                self._combine(number, value, at)
            else:
                self._store(number, value, at)

    def _step(self, step: Step, values: list[Term]) -> Term:
        operands = [values[x] if isinstance(x, int) else constant(x.number, x.kind) for x in step.operands]
        if step.form.startswith("to "):
            return converted(self.code, operands[0], step.form[3:])
        return emitted(self.code, step.form, operands)

    # Writing.

    def _store(self, number: int, value: Term, at: list[Term]) -> None:
        if value.kind == BIT:
            value = self.code.convert("zext", value, BYTE)
        self.code.store(value, self.targets[number], self._index(self.loop.results[number].has, at))

    def _start(self, number: int) -> Term:
        result = self.loop.results[number]
        if result.kind in (FLOAT, DOUBLE):
            return real(START[result.reduce], result.kind)
        bits = int(result.kind[1:]) - 1
        return whole({"sum": 0, "max": -(2**bits), "min": 2**bits - 1}[result.reduce], result.kind)

    def _summed_inside(self) -> list[int]:
        """The results that are reduced over the innermost axis: a register holds them meanwhile."""
        return [i for i, result in enumerate(self.loop.results) if result.reduce and not result.has[-1]]

    def _start_results(self, depth: int, at: list[Term]) -> None:
        """Put the neutral element into the results that are reduced over the next axis and no earlier one."""
        for number, result in enumerate(self.loop.results):
            first = next((axis for axis, has in enumerate(result.has) if not has), -1) if result.reduce else -1
            if first != depth:
                continue
            begin, end = self._turns(depth, result)
            for axis in range(depth, self.loop.axes):
                if result.has[axis] and axis != self.shared:
                    begin, end = (self.code.mul(n, self.lengths[axis]) for n in (begin, end))
            base = self._index(result.has, at)
            with self.code.loop(begin, end) as i:
                self.code.store(self._start(number), self.targets[number], self.code.add(base, i))

    def _turns(self, depth: int, result: Result) -> tuple[Term, Term]:
        """The indices of the shared axis in what this thread puts neutral elements into; 0 and 1 where it has none."""
        if depth > self.shared:
            return whole(0), whole(1)
        return self.part if result.has[self.shared] else (whole(0), self._for_the_first_thread(whole(1)))

    def _combine(self, number: int, value: Term, at: list[Term]) -> None:
        """Take the value into what the result holds already."""
        result = self.loop.results[number]
        index = self._index(result.has, at)
        before = self.code.load(result.kind, self.targets[number], index)
        self.code.store(self._taken_together(result, before, value), self.targets[number], index)

    def _taken_together(self, result: Result, a: Term, b: Term) -> Term:
        if result.kind not in (FLOAT, DOUBLE):
            if result.reduce == "sum":
                return self.code.add(a, b)
            return self.code.call({"max": "llvm.smax", "min": "llvm.smin"}[result.reduce], a, b)
        if result.reduce == "sum":  # in any order: otherwise a sum cannot be computed in several lanes
            return self.code.define(a.kind, f"fadd reassoc contract {a}, {b.text}")
        return self.code.call({"max": "llvm.maximum", "min": "llvm.minimum"}[result.reduce], a, b)
