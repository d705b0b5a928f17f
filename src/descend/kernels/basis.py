"""A change of basis of small matrices, y = M x M', one matrix in each lane of the registers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from descend.kernels.code import FLOAT, Term, real, whole
from descend.kernels.tile import ACROSS, Tiles
from descend.kernels.toom_cook import Matrix


class Basis(Tiles):
    """Applies matrices of constants from both sides to small matrices, a different one in each lane."""

    def __init__(self, name: str, vector_bytes: int, largest: int, across: int = ACROSS) -> None:
        super().__init__(name, FLOAT, vector_bytes, across)
        self.scratch = self.code.room(FLOAT, largest**2 * self.lanes)

    def size(self, *lengths: Term | int) -> Term:
        """The product of these lengths."""
        first, *others = lengths
        found = first if isinstance(first, Term) else whole(first)
        for n in others:
            found = self.code.mul(found, n)
        return found

    def index(self, *steps: tuple[Term | int, Term | int]) -> Term:
        """The number of an element in reading order: for each axis its length and the index along it."""
        found: Term | None = None
        for length, i in steps:
            at = i if isinstance(i, Term) else whole(i)
            found = at if found is None else self.code.add(self.code.mul(found, length), at)
        return found if found is not None else whole(0)

    def sandwich(
        self, matrix: Matrix, read: Callable[[int, Term], Term], write: Callable[[Term, int, Term], None]
    ) -> None:
        """matrix @ x @ matrix', in every lane: reads x[i, j] down its columns, writes the result along its rows."""
        code, (p, q) = self.code, matrix.shape
        with code.loop(0, q) as j:
            for i, value in enumerate(self.applied(matrix, [read(i, j) for i in range(q)])):
                code.store(value, self.scratch, self.index((1, i), (q, j), (self.lanes, 0)))
        with code.loop(0, p) as line:
            places = [self.index((1, line), (q, j), (self.lanes, 0)) for j in range(q)]
            row = [code.load(self.vector, self.scratch, place) for place in places]
            for number, value in enumerate(self.applied(matrix, row)):
                write(line, number, value)

    def applied(self, matrix: Matrix, x: Sequence[Term]) -> list[Term]:
        """matrix @ x. Rows that differ in signs only, as those of p and -p do, are a sum and a difference."""
        found: dict[int, Term] = {}
        for i, row in enumerate(matrix):
            if i in found:
                continue
            partner = next((j for j in range(i + 1, len(matrix)) if _alike(row, matrix[j])), None)
            if partner is None:
                found[i] = self._dot(row, x)
                continue
            same, other = (self._dot((row + sign * matrix[partner]) / 2, x) for sign in (1, -1))
            found[i], found[partner] = (self.code.binary(sign, same, other) for sign in ("fadd", "fsub"))
        return [found[i] for i in range(len(matrix))]

    def _dot(self, row: Matrix, x: Sequence[Term]) -> Term:
        code = self.code
        parts = [(number, value) for number, value in zip(row.tolist(), x, strict=True) if number]
        first, *others = sorted(parts, key=lambda part: part[0] != 1)
        total = first[1] if first[0] == 1 else code.binary("fmul", first[1], self._everywhere(first[0]))
        for number, value in others:
            if abs(number) == 1:
                total = code.binary("fadd" if number == 1 else "fsub", total, value)
            else:
                total = code.fma(value, self._everywhere(number), total)
        return total

    def _everywhere(self, number: float) -> Term:
        return Term(self.vector, f"<{', '.join([str(real(number))] * self.lanes)}>")


def _alike(a: Matrix, b: Matrix) -> bool:
    """Whether two rows have the same numbers but for signs, some equal and some opposite."""
    return bool(np.array_equal(np.abs(a), np.abs(b)) and np.any(a + b) and np.any(a - b))
