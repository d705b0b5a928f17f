"""The matrix product where A has few rows and B is stored by columns: each number of C is a product of two rows.

A layer's weights (n, k) times a few inputs (m, k): both lie along k. So lanes are k: registers of both are multiplied
and added up, and only at the end the lanes of each sum are added. The weights are read where they lie, each once.

    for each block of k             as much of A as the nearest cache keeps
        pack A                      [k / lanes][row][lanes], so that one address reaches all rows
        for each few columns        as many as leave registers for `rows` sums each
            for each register of k  rows x columns sums, each in all lanes
            add the lanes           as many sums as there are lanes become one register

Where it is `turned`, C has few columns instead: A is what has few rows, and C is written by columns.

With n = k = 1000, 10 rows take 110 instead of 205 us (`kernels.gemm`), one row takes 43 instead of 135; a layer with 10
outputs, 256 inputs and 128 rows takes 4.6 instead of 13.

Arguments of the kernel: n, k; A and its row length, B and its row length, C, bias (read if the kernel was made for it),
room for packing (`room` bytes for each thread). The threads divide the columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from descend.kernels.code import Term, whole
from descend.kernels.gemm_few import registers
from descend.kernels.once import once
from descend.kernels.tile import SIZES, Sums, Tiles

NEAREST = 48 * 1024  # bytes of the nearest cache
DEEP = 3  # registers of k from which on it pays
MOST = 8  # columns in a tile: streams that are read at the same time


@dataclass(frozen=True)
class FewDots:
    """Which product: `kind` of numbers, `rows` of A, stored by columns or not, with a bias; the bytes of a register.

    Attributes:
        turned: whether C is stored by columns, where a bias belongs to the rows.
    """

    kind: str
    rows: int
    a_by_columns: bool
    bias: bool
    vector_bytes: int
    turned: bool = False

    @property
    def lanes(self) -> int:
        """Numbers in a register."""
        return self.vector_bytes // SIZES[self.kind]

    @property
    def down(self) -> int:
        """Rows of a tile: all, or of many about the same number in each."""
        most = registers(self.vector_bytes) // 2
        most = min(most, self.lanes) if self.turned else most  # a column of C is written as one register
        return -(-self.rows // -(-self.rows // most))

    @property
    def across(self) -> int:
        """Columns of a tile."""
        return max(1, min(self.lanes, MOST, registers(self.vector_bytes) // self.down))

    @property
    def block(self) -> int:
        """The most numbers of a row that are taken at once, in whole registers."""
        streams = self.rows + 2 * self.across  # those of B are read while the next ones are fetched
        return max(1, NEAREST // (streams * self.vector_bytes)) * self.lanes

    def pays(self, k: int) -> bool:
        """Whether it is faster than `gemm`: the lanes of many sums must not be added for a few products."""
        return 0 < self.rows <= registers(self.vector_bytes) * 2 // 3 and k >= DEEP * self.lanes

    def room(self) -> int:
        """Bytes that a thread needs for packing."""
        return self.rows * self.block * SIZES[self.kind] + 64

    @once
    def source(self, name: str = "gemm") -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, name).code.text()


class _Writer(Tiles):
    def __init__(self, dots: FewDots, name: str) -> None:
        super().__init__(name, dots.kind, dots.vector_bytes, dots.across)
        self.dots, code = dots, self.code
        self.n, self.k, self.lda, self.ldb = (code.number(i) for i in (0, 1, 3, 5))
        self.a, self.b, self.c, self.bias = (code.pointer(i) for i in (2, 4, 6, 7))
        self.packed = self.room(8, whole(dots.room()))
        self.tile = -(-dots.down * dots.across // self.lanes) * self.lanes  # its sums, in whole registers
        self.results = code.room(self.kind, self.tile + self.lanes)
        self._product()

    def _product(self) -> None:
        code, dots = self.code, self.dots
        first, last = self.share(self._over(self.n, dots.across))
        blocks, none = self._over(self.k, dots.block), code.compare("eq", self.k, whole(0))
        blocks = code.select(none, whole(1), blocks)  # a sum over nothing is written too
        step = code.binary("sdiv", code.add(self.k, code.add(blocks, -1)), blocks)  # about the same in each
        step = code.mul(self._over(step, self.lanes), self.lanes)
        with code.loop(0, blocks) as block:
            k0 = code.mul(block, step)
            depth = self.smaller(code.binary("sub", self.k, k0), step)
            self.left = code.binary("srem", depth, whole(self.lanes))
            self.edge = code.binary("sub", depth, self.left)
            self._pack(k0, depth)
            with code.loop(first, last) as tile:
                self._tile(code.mul(tile, dots.across), k0)

    def _over(self, n: Term, size: int) -> Term:
        """How many parts of this size n has, the last one perhaps smaller."""
        return self.code.binary("sdiv", self.code.add(n, size - 1), whole(size))

    # Packing.

    def _pack(self, k0: Term, depth: Term) -> None:
        """The rows of A in a block of k, with zeros where a register is not full."""
        code, rows = self.code, self.dots.rows
        with code.loop(0, depth, self.lanes) as k:
            left = code.binary("sub", depth, k)
            found = self._columns if self.dots.a_by_columns else self._rows
            for r, register in enumerate(found(code.add(k0, k), left)):
                code.store(register, self.packed, code.add(code.mul(k, rows), r * self.lanes))

    def _rows(self, k: Term, left: Term) -> list[Term]:
        """A register of each row of A."""
        code, mask = self.code, self.mask(left)
        return [self.masked(self.a, code.add(code.mul(self.lda, r), k), mask) for r in range(self.dots.rows)]

    def _columns(self, k: Term, left: Term) -> list[Term]:
        """The same where A is stored by columns: as many of these as there are lanes, transposed."""
        code, rows, found = self.code, self.dots.rows, []
        for r in range(0, rows, self.lanes):
            square = []
            for i in range(self.lanes):
                there = code.select(code.compare("slt", whole(i), left), whole(rows - r), whole(0))
                square.append(self.masked(self.a, code.add(code.mul(code.add(k, i), self.lda), r), self.mask(there)))
            found += self.transposed(square)
        return found[:rows]

    # Multiplying.

    def _tile(self, start: Term, k0: Term) -> None:
        """A few columns of B. Those that are not there are copies of the last one, and are not written."""
        code, dots = self.code, self.dots
        columns = [self.smaller(code.add(start, j), code.add(self.n, -1)) for j in range(dots.across)]
        at = [code.address(self.kind, self.b, code.add(code.mul(column, self.ldb), k0)) for column in columns]
        for first in range(0, dots.rows, dots.down):
            rows = range(first, min(first + dots.down, dots.rows))
            self._keep(self._multiplied(at, rows))
            self._write(start, rows, k0)

    def _multiplied(self, at: list[Term], rows: range) -> list[list[Term]]:
        """For each of these rows and each of the columns a register whose lanes add up to their product."""
        code, sums = self.code, self.zeros(len(rows))
        with code.loop(0, self.edge, self.lanes) as k:
            if not rows.start:
                for column in at:
                    self.fetch(column, code.add(k, code.mul(self.ldb, len(at))))
            self._add(sums, rows, k, [code.load(self.vector, column, k) for column in at])
        with code.when(code.compare("ne", self.left, whole(0))):
            mask = self.mask(self.left)
            self._add(sums, rows, self.edge, [self.masked(column, self.edge, mask) for column in at])
        return [[place.get() for place in line] for line in sums]

    def _add(self, sums: Sums, rows: range, k: Term, found: list[Term]) -> None:
        """Registers of the columns times those of the rows."""
        code = self.code
        packed = code.address(self.kind, self.packed, code.mul(k, self.dots.rows))
        for r, line in zip(rows, sums, strict=True):
            row = code.load(self.vector, packed, r * self.lanes)
            for place, column in zip(line, found, strict=True):
                place.set(code.fma(row, column, place.get()))

    def _keep(self, sums: list[list[Term]]) -> None:
        """The sums of all lanes, in the order in which they are written."""
        lines = zip(*sums, strict=True) if self.dots.turned else sums
        found = [register for line in lines for register in line]
        found += [Term(self.vector, "zeroinitializer")] * (self.tile - len(found))
        for i in range(0, self.tile, self.lanes):
            self.code.store(self._folded(found[i : i + self.lanes]), self.results, i)

    def _folded(self, rows: list[Term]) -> Term:
        """Lane i is the sum of the lanes of register i: as `transposed`, but what would be added is added at once."""
        code, step = self.code, 1
        while len(rows) > 1:
            low = [(i // step % 2) * (self.lanes - step) + i for i in range(self.lanes)]
            rows = [
                code.binary("fadd", code.shuffle(a, b, low), code.shuffle(a, b, [lane + step for lane in low]))
                for a, b in zip(rows[::2], rows[1::2], strict=True)
            ]
            step *= 2
        return rows[0]

    def _write(self, start: Term, rows: range, k0: Term) -> None:
        """Rows of C, or columns: added to the bias at the first block of k, to what C holds at the others."""
        code, dots, n = self.code, self.dots, len(rows)
        left = code.binary("sub", self.n, start)
        if dots.turned:
            for j in range(dots.across):
                there = code.select(code.compare("slt", whole(j), left), whole(n), whole(0))
                index = code.add(code.mul(code.add(start, j), dots.rows), rows.start)
                self._line(j * n, (index, whole(rows.start)), there, k0)
            return
        for i, r in enumerate(rows):
            there = self.smaller(left, whole(dots.across))
            self._line(i * dots.across, (code.add(code.mul(self.n, r), start), start), there, k0)

    def _line(self, source: int, place: tuple[Term, Term], count: Term, k0: Term) -> None:
        """Numbers that lie side by side in C; `place`: where there, and where in the bias."""
        code, mask = self.code, self.mask(count)
        so_far = code.variable(Term(self.vector, "zeroinitializer"))
        if self.dots.bias:
            so_far.set(self.masked(self.bias, place[1], mask))
        with code.when(code.compare("ne", k0, whole(0))):
            so_far.set(self.masked(self.c, place[0], mask))
        found = code.load(self.vector, self.results, source)
        self.put(code.binary("fadd", so_far.get(), found), self.c, place[0], mask)
