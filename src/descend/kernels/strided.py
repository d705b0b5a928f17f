"""Copying a part of an array, or into a part of one, by steps: slices, transpositions, and the adjoint of slices.

Arguments of the kernel: the length of each axis; for each axis the step in what is read, then the step in what is
written; the places where both begin; how many elements the result has; the addresses of both; where the rest is to be
filled, the bits of the number for that. All but the last in elements.
"""

from __future__ import annotations

from dataclasses import dataclass

from descend.kernels.code import Function, Term, whole
from descend.kernels.once import once


@dataclass(frozen=True)
class Strided:
    """A nest of `axes` loops over elements of this type, an integer of their size.

    Attributes:
        unit: whether both steps of the last axis are 1.
        clear: whether the rest of the result is filled with one number.
        apart: with `clear`: whether each turn of the first axis has a part of the result, as long as its step, alone.
    """

    axes: int
    kind: str
    unit: bool
    clear: bool = False
    apart: bool = False

    @once
    def source(self, name: str = "strided") -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, name).code.text()


class _Writer:
    def __init__(self, strided: Strided, name: str) -> None:
        self.strided, self.code = strided, Function(name)
        code, n = self.code, strided.axes
        self.lengths, self.read, self.written = ([code.number(i * n + axis) for axis in range(n)] for i in range(3))
        begin, at, size = (code.number(3 * n + i) for i in range(3))
        self.x, self.y = code.pointer(3 * n + 3), code.pointer(3 * n + 4)
        first, last = self._share()
        if strided.clear:
            fill = self._fill()
            with code.loop(*self._cleared(first, last, size), parallel=True) as i:
                code.store(fill, self.y, i)
        if n:
            self._nest(0, begin, at, (first, last))
        else:
            with code.when(code.compare("slt", first, last)):
                self._copy(begin, at)

    def _fill(self) -> Term:
        bits = self.code.number(3 * self.strided.axes + 5)
        return bits if self.strided.kind == bits.kind else self.code.convert("trunc", bits, self.strided.kind)

    def _share(self) -> tuple[Term, Term]:
        """The turns of the first axis that this thread makes: all by the first one where parts are not apart."""
        code, thread, threads = self.code, self.code.parameter("thread"), self.code.parameter("threads")
        n = self.lengths[0] if self.lengths else whole(1)
        if not self.lengths or (self.strided.clear and not self.strided.apart):
            return whole(0), code.select(code.compare("eq", thread, whole(0)), n, whole(0))
        first, last = (code.binary("sdiv", code.mul(n, t), threads) for t in (thread, code.add(thread, 1)))
        return first, last

    def _cleared(self, first: Term, last: Term, size: Term) -> tuple[Term, Term]:
        code = self.code
        if self.strided.apart:
            return code.mul(first, self.written[0]), code.mul(last, self.written[0])
        return whole(0), code.select(code.compare("eq", code.parameter("thread"), whole(0)), size, whole(0))

    def _nest(self, axis: int, begin: Term, at: Term, turns: tuple[Term, Term]) -> None:
        code, innermost = self.code, axis == self.strided.axes - 1
        with code.loop(*turns, parallel=innermost) as i:
            steps = [i if innermost and self.strided.unit else code.mul(i, s[axis]) for s in (self.read, self.written)]
            source, target = code.add(begin, steps[0]), code.add(at, steps[1])
            if innermost:
                self._copy(source, target)
            else:
                self._nest(axis + 1, source, target, (whole(0), self.lengths[axis + 1]))

    def _copy(self, source: Term, target: Term) -> None:
        self.code.store(self.code.load(self.strided.kind, self.x, source), self.y, target)
