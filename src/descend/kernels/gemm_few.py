"""The matrix product where A has few rows: C = A B, or C = A B + bias, with B stored by rows.

Each number of B is used once for each row of A: packing B would cost as much as multiplying ten rows with it, and with
one row it would be nearly all that is done. So B is read where it lies, by blocks of k. In the rows of a block one
panel of columns is taken after the other, so each of these rows is read from its beginning to its end, and a little of
it is fetched beforehand.

    for each block of k             64 rows of B
        pack A                      on the stack
        for each panel of columns   as many vectors as leave registers for `rows` sums each
            for each k              rows x vectors sums in registers

With 1000 columns and k = 1000, 10 rows take 91 instead of 205 us (`kernels.gemm`), one row takes 43 instead of 135.
Fetching 256 bytes ahead was best: with 2048, operands that come from memory took twice as long.

Arguments of the kernel: n, k; A and its row length, B and its row length, C, bias (read if the kernel was made for it).
The threads divide the columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from descend.kernels.code import Term, whole
from descend.kernels.gemm import LINE
from descend.kernels.once import once
from descend.kernels.tile import SIZES, Sums, Tiles

DEPTH = 64  # rows of B in a block
MOST = 8  # vectors in a row of a tile: as many sums as keep the arithmetic busy
AHEAD = 256  # bytes of a row of B that are fetched before they are read


def registers(vector_bytes: int) -> int:
    """How many sums, and so how many rows at most, leave registers for the rest: 32 have 64 bytes, 16 have fewer."""
    return 24 if vector_bytes == 64 else 12


@dataclass(frozen=True)
class FewRows:
    """Which product: `kind` of numbers, `rows` of A, stored by columns or not, with a bias; the bytes of a register."""

    kind: str
    rows: int
    a_by_columns: bool
    bias: bool
    vector_bytes: int

    @property
    def pays(self) -> bool:
        """Whether there are so few rows that their sums fit into the registers."""
        return 0 < self.rows <= registers(self.vector_bytes)

    @once
    def source(self, name: str = "gemm") -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, name).code.text()


class _Writer(Tiles):
    def __init__(self, few: FewRows, name: str) -> None:
        super().__init__(name, few.kind, few.vector_bytes, max(1, min(MOST, registers(few.vector_bytes) // few.rows)))
        self.few, code = few, self.code
        self.n, self.k, self.lda, self.ldb = (code.number(i) for i in (0, 1, 3, 5))
        self.a, self.b, self.c, self.bias = (code.pointer(i) for i in (2, 4, 6, 7))
        # Where A is packed: number (row, k) lies at row `along` + k `step`.
        self.along, self.step = (1, few.rows) if few.a_by_columns else (DEPTH, 1)
        self.packed = code.room(self.kind, few.rows * DEPTH)
        self._product()

    def _product(self) -> None:
        """The panels of this thread: whole ones, and the columns that are left over behind the last of them."""
        code = self.code
        first, last = (code.mul(panel, self.columns) for panel in self.share(self.panels(self.n)))
        end = self.smaller(last, self.n)
        left = code.binary("srem", code.binary("sub", end, first), whole(self.columns))
        edge = code.binary("sub", end, left)
        one = code.select(code.compare("eq", self.k, whole(0)), whole(1), self.k)  # a sum over nothing is written too
        with code.loop(0, one, DEPTH) as k0:
            depth = self.smaller(code.binary("sub", self.k, k0), whole(DEPTH))
            self._pack(k0, depth)
            with code.loop(first, edge, self.columns) as start:
                self._panel(start, (k0, depth), None)
            with code.when(code.compare("ne", left, whole(0))):
                self._panel(edge, (k0, depth), self.masks(left))

    def _pack(self, k0: Term, depth: Term) -> None:
        """The numbers of A in a block of k."""
        code, rows = self.code, self.few.rows
        if self.few.a_by_columns:
            with code.loop(0, depth) as k:
                self._copy(code.mul(code.add(k0, k), self.lda), code.mul(k, rows), whole(rows), rows)
            return
        for r in range(rows):
            self._copy(code.add(code.mul(self.lda, r), k0), whole(r * DEPTH), depth, DEPTH)

    def _copy(self, source: Term, target: Term, count: Term, most: int) -> None:
        """`count` numbers of A that lie side by side, at most `most`."""
        code = self.code
        for i in range(0, most, self.lanes):
            mask = self.mask(code.add(count, -i))
            self.put(self.masked(self.a, code.add(source, i), mask), self.packed, code.add(target, i), mask)

    def _panel(self, start: Term, along: tuple[Term, Term], present: list[Term] | None) -> None:
        """The columns from `start` on that are present, or all, times the numbers of A from k0 on."""
        code, (k0, depth), masks = self.code, along, present or self.masks(whole(self.columns))
        at = [code.add(code.mul(self.n, r), start) for r in range(self.few.rows)]
        sums = self._first_sums(at, start, k0, masks)
        with code.loop(0, depth) as k:
            row = code.add(code.mul(code.add(k0, k), self.ldb), start)
            for column in range(0, self.columns, LINE // SIZES[self.kind]):
                self.fetch(self.b, code.add(row, column + AHEAD // SIZES[self.kind]))
            packed = code.address(self.kind, self.packed, code.mul(k, self.step))
            offsets = range(0, self.few.rows * self.along, self.along)
            self.multiply(sums, packed, offsets, code.address(self.kind, self.b, row), present)
        for line, index in zip(sums, at, strict=True):
            for v, (place, mask) in enumerate(zip(line, masks, strict=True)):
                self.put(place.get(), self.c, code.add(index, v * self.lanes), mask)

    def _first_sums(self, at: list[Term], start: Term, k0: Term, masks: list[Term]) -> Sums:
        """The sums so far: the bias, or 0, before the first block of k, what C holds before the others."""
        code, sums = self.code, self.zeros(len(at))
        if self.few.bias:
            for v, mask in enumerate(masks):
                bias = self.masked(self.bias, code.add(start, v * self.lanes), mask)
                for line in sums:
                    line[v].set(bias)
        with code.when(code.compare("ne", k0, whole(0))):
            for line, index in zip(sums, at, strict=True):
                for v, (place, mask) in enumerate(zip(line, masks, strict=True)):
                    place.set(self.masked(self.c, code.add(index, v * self.lanes), mask))
        return sums
