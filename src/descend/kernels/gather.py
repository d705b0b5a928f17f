"""Taking by numbers and its adjoint: one element of each row by its label, whole rows by their indices.

Arguments of the kernel: how many indices there are, the length of a row; for rows, how many rows there are; the
addresses of what is read, of the indices, of the result, and of three numbers: where an index lies outside, 1, its
place among the indices and the index itself are left there, and it counts as 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from descend.kernels.code import INDEX, Function, Term, real, whole
from descend.kernels.once import once


@dataclass(frozen=True)
class Gather:
    """What to compute.

    "pick": y[i] = x[i, at[i]]. "unpick": y[i, at[i]] = g[i], 0 elsewhere. "take": y[i, :] = x[at[i], :].
    "add": y[at[i], :] is the sum of g[i, :] in the order of i. Indices count from the end where they are negative,
    but for "pick", whose labels may not be.
    """

    what: str
    kind: str
    index: str

    @once
    def source(self, name: str = "gather") -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, name).code.text()


class _Writer:
    def __init__(self, gather: Gather, name: str) -> None:
        self.gather, self.code = gather, Function(name)
        code, by_rows = self.code, gather.what in {"take", "add"}
        self.count, self.columns = code.number(0), code.number(1)
        self.range = code.number(2) if by_rows else self.columns
        self.x, self.at, self.y, self.fault = (code.pointer(i + 2 + by_rows) for i in range(4))
        getattr(self, f"_{gather.what}")()

    def _share(self, n: Term) -> tuple[Term, Term]:
        code, thread, threads = self.code, self.code.parameter("thread"), self.code.parameter("threads")
        first, last = (code.binary("sdiv", code.mul(n, t), threads) for t in (thread, code.add(thread, 1)))
        return first, last

    def _index(self, i: Term) -> Term:
        """Index number i as a number from 0 on."""
        code = self.code
        given = code.load(self.gather.index, self.at, i)
        given = given if given.kind == INDEX else code.convert("sext", given, INDEX)
        index = given
        if self.gather.what != "pick":
            index = code.select(code.compare("slt", given, whole(0)), code.add(given, self.range), given)
        outside = code.compare("uge", index, self.range)
        with code.when(outside):
            for place, number in enumerate((whole(1), i, given)):
                code.store(number, self.fault, place)
        return code.select(outside, whole(0), index)

    def _pick(self) -> None:
        code = self.code
        with code.loop(*self._share(self.count)) as i:
            place = code.add(code.mul(i, self.columns), self._index(i))
            code.store(code.load(self.gather.kind, self.x, place), self.y, i)

    def _unpick(self) -> None:
        code, zero = self.code, real(0.0, self.gather.kind)
        with code.loop(*self._share(self.count)) as i:
            label, value = self._index(i), code.load(self.gather.kind, self.x, i)
            row = code.address(self.gather.kind, self.y, code.mul(i, self.columns))
            with code.loop(0, self.columns, parallel=True) as j:
                code.store(code.select(code.compare("eq", j, label), value, zero), row, j)

    def _take(self) -> None:
        code = self.code
        with code.loop(*self._share(self.count)) as i:
            source, target = (self._row(array, n) for array, n in ((self.x, self._index(i)), (self.y, i)))
            with code.loop(0, self.columns, parallel=True) as j:
                code.store(code.load(self.gather.kind, source, j), target, j)

    def _add(self) -> None:
        """Each thread has some of the columns: rows may be named twice."""
        code, kind = self.code, self.gather.kind
        first, last = self._share(self.columns)
        with code.loop(0, self.range) as n:
            row = self._row(self.y, n)
            with code.loop(first, last, parallel=True) as j:
                code.store(real(0.0, kind), row, j)
        with code.loop(0, self.count) as i:
            target, source = self._row(self.y, self._index(i)), self._row(self.x, i)
            with code.loop(first, last, parallel=True) as j:
                code.store(code.binary("fadd", code.load(kind, target, j), code.load(kind, source, j)), target, j)

    def _row(self, array: Term, n: Term) -> Term:
        return self.code.address(self.gather.kind, array, self.code.mul(n, self.columns))
