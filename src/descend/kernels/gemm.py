"""The matrix product: C = A B, or C = A B + bias, with either operand stored by columns.

The product is cut into tiles of `rows` by `columns` that stay in registers while k runs: for every k, `rows` numbers
of A are each multiplied with the same few vectors of B. What does not lie in the order in which a tile reads it is
packed first: A by rows (as it was, the kernel ran at half the speed: a register for the address of each row), and B. k
is cut into blocks, so that what is read again stays in the caches.

    for each block of k
        pack B                          panels of `columns` columns, each [k][columns]
        for each tile of rows           12, and what is left over by 8, 4, 2, 1
            pack A                      [k][rows]
            for each panel              rows x columns sums in registers

With a few hundred rows (`low`) packing all of B costs a tenth of the product, so what is packed is used at once:

    for each block of k
        pack A                          all rows
        for each panel
            pack B                      this panel
            for each tile of rows       rows x columns sums in registers

With registers of 64 bytes A stored by columns is read where it lies: the numbers of a column that a tile needs lie side
by side. So is B stored by rows, where there are a few hundred rows of A. On a processor that reaches 250 GFLOP/s, this
and the second order took products of 128 rows from 222 to 240, gradients of weights that are sums over 4096 rows from
195 to 230, those inside of attention from 165 to 207. With B by columns, which must be transposed, it is 226. Where the
last panel is less than half full, a tile has one vector less: with 65 columns, 157 became 175.

Columns that do not fill a vector are masked. Arguments of the kernel: m, n, k; A and its row length, B and its row
length, C, bias (read if the kernel was made for it), room for packing (`room` bytes for each thread). The threads
divide the rows among them, or the panels where there are more columns than rows.

A kernel for `stacks` of matrices multiplies many pairs. After the other arguments it takes the row length of C, how
many stacks there are and how many matrices each has; for each of A, B and C where the first matrix begins, and the
steps from stack to stack and from matrix to matrix, all in elements; and the bits of a number that the product is
multiplied with. The threads divide the matrices and their rows. So heads of attention, which lie inside longer rows,
need not be moved.

What is read or written soon is fetched beforehand. Without that the products of a transformer, whose operands come from
memory and not from a cache, run a quarter slower.

Source: Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from descend.kernels.code import FLOAT, Term, whole
from descend.kernels.once import once
from descend.kernels.tile import ACROSS, SIZES, Sums, Tiles

LINE = 64  # bytes that memory gives at once
LOW = 256  # rows up to which panels are taken first
AHEAD = 16  # rows of an operand that are fetched before they are read

Along = tuple[Term, Term]
"""Where a block of k begins, and how long it is."""
Operands = tuple[tuple[Term, Term], tuple[Term, Term]]
"""Where the first column of A and the first row of B begin, and how far it is from each to the next."""


@dataclass(frozen=True)
class Gemm:
    """Which product: `kind` of numbers, operands stored by columns, with a bias; for registers of this many bytes.

    Attributes:
        low: whether A has a few hundred rows, `LOW`, at most.
        stacks: whether there are many pairs of matrices, and a factor.
    """

    kind: str
    a_by_columns: bool
    b_by_columns: bool
    bias: bool
    vector_bytes: int
    low: bool = False
    stacks: bool = False

    @property
    def lanes(self) -> int:
        """Numbers in a register."""
        return self.vector_bytes // SIZES[self.kind]

    @property
    def rows(self) -> int:
        """Rows of a tile: with two vectors a row, the sums fill most of the 32 (or 16) registers."""
        most = 12 if self.vector_bytes == 64 else 6
        return most if self.a_in_place else min(most, self.lanes)  # as many are packed at once

    @property
    def columns(self) -> int:
        """Columns of a tile."""
        return ACROSS * self.lanes

    @property
    def a_in_place(self) -> bool:
        """Whether A is read where it lies: with few rows in a tile too little of each line would be used at a time."""
        return self.a_by_columns and self.vector_bytes == 64

    @property
    def b_in_place(self) -> bool:
        """Whether B is read where it lies: with many rows, or with A in place too, copying it costs less.

        Every vector is masked then. Registers of 64 bytes have masks beside them; with others this took twice as long.
        """
        return self.low and not self.a_by_columns and not self.b_by_columns and self.vector_bytes == 64

    @property
    def block(self) -> int:
        """How much of k is taken at once: less of what is read where it lies, for that fills the caches unevenly."""
        return 128 if self.a_in_place else 256 if self.a_by_columns or self.b_in_place else 512

    @property
    def packed(self) -> int:
        """Rows of a packed panel: transposing works on whole squares."""
        return self.block + self.lanes

    def room(self, m: int, n: int) -> int:
        """Bytes that a thread needs for packing."""
        rows, columns = (-(-count // step) * step for count, step in ((m, self.rows), (n, self.columns)))
        rows, columns = (rows, self.columns) if self.low else (self.rows, columns)
        return self.packed * (rows * (not self.a_in_place) + columns * (not self.b_in_place)) * SIZES[self.kind] + 64

    @once
    def source(self, name: str = "gemm") -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, name).code.text()


class _Writer(Tiles):
    def __init__(self, gemm: Gemm, name: str) -> None:
        super().__init__(name, gemm.kind, gemm.vector_bytes)
        self.gemm, code = gemm, self.code
        self.m, self.n, self.k = (code.number(i) for i in range(3))
        self.a, self.lda, self.b, self.ldb = code.pointer(3), code.number(4), code.pointer(5), code.number(6)
        self.c, self.bias = code.pointer(7), code.pointer(8)
        self.ldc = code.number(10) if gemm.stacks else self.n
        self.factor = self._factor() if gemm.stacks else None
        self.packed_a, self.packed_b = self._packing()
        if gemm.stacks:
            self._stacks()
        else:
            self._matrix(*self.share(self._parts()))

    def _factor(self) -> Term:
        """What the product is multiplied with, in every lane."""
        bits = self.code.number(22)
        bits = self.code.convert("trunc", bits, "i32") if self.kind == FLOAT else bits
        return self.code.splat(self.code.convert("bitcast", bits, self.kind), self.lanes)

    def _parts(self) -> Term:
        """Into how many parts a matrix can be divided: tiles of rows, or panels; at least one."""
        code, rows = self.code, self.gemm.rows
        tiles = code.binary("sdiv", code.add(self.m, rows - 1), whole(rows))
        self.by_rows = code.compare("sge", self.m, self.n)
        parts = code.select(self.by_rows, tiles, self.panels(self.n))
        return code.select(code.compare("sgt", parts, whole(0)), parts, whole(1))

    def _stacks(self) -> None:
        """The matrices of which this thread has a part."""
        code, parts = self.code, self._parts()
        whole_arrays, inner = (self.a, self.b, self.c), code.number(12)
        first, last = self.share(code.mul(code.mul(code.number(11), inner), parts))
        end = code.binary("sdiv", code.add(last, code.add(parts, -1)), parts)
        with code.loop(code.binary("sdiv", first, parts), end) as matrix:
            places = code.binary("sdiv", matrix, inner), code.binary("srem", matrix, inner)
            begins = [self._begin(13 + 3 * i, places) for i in range(3)]
            self.a, self.b, self.c = map(partial(code.address, self.kind), whole_arrays, begins)
            done = code.mul(matrix, parts)
            start = code.binary("sub", first, done)
            start = code.select(code.compare("sgt", start, whole(0)), start, whole(0))
            self._matrix(start, self.smaller(code.binary("sub", last, done), parts))

    def _begin(self, place: int, indices: tuple[Term, Term]) -> Term:
        """Where a matrix begins; the arguments from `place` on are where the first one does, and the steps."""
        begin = self.code.number(place)
        for i, index in enumerate(indices, 1):
            begin = self.code.add(begin, self.code.mul(index, self.code.number(place + i)))
        return begin

    def _matrix(self, first: Term, last: Term) -> None:
        """The product of two matrices, or the parts of it from `first` up to `last`."""
        code, rows = self.code, self.gemm.rows
        self.first, self.last = (
            code.select(self.by_rows, all_, part) for all_, part in ((whole(0), first), (self.panels(self.n), last))
        )
        self.upper = code.select(self.by_rows, code.mul(first, rows), whole(0))
        self.lower = code.select(self.by_rows, self.smaller(code.mul(last, rows), self.m), self.m)
        one = code.select(code.compare("eq", self.k, whole(0)), whole(1), self.k)  # a sum over nothing is written too
        with code.loop(0, one, self.gemm.block) as k0:
            depth = self.smaller(code.binary("sub", self.k, k0), whole(self.gemm.block))
            (self._panels_first if self.gemm.low else self._tiles_first)((k0, depth))

    def _packing(self) -> tuple[Term, Term]:
        """Where this thread packs A, and B behind it."""
        code, gemm, none = self.code, self.gemm, whole(0)
        tiles = code.binary("sdiv", code.add(self.m, gemm.rows - 1), whole(gemm.rows))
        rows = none if gemm.a_in_place else code.mul(tiles, gemm.rows) if gemm.low else whole(gemm.rows)
        wide = whole(self.columns) if gemm.low else code.mul(self.panels(self.n), self.columns)
        columns = none if gemm.b_in_place else wide
        size = code.mul(code.add(rows, columns), gemm.packed * SIZES[self.kind])
        start = self.room(9, code.add(size, 64))
        return start, code.address(self.kind, start, code.mul(rows, gemm.packed))

    # Orders.

    def _panels_first(self, along: Along) -> None:
        """All of A is packed; then each panel of B, and multiplied with all tiles of rows."""
        code, rows = self.code, self.gemm.rows
        with code.loop(self.upper, self.lower, rows) as tile:
            self._pack_a(tile, self._place_of_a(tile), along)
        with code.loop(self.first, self.last) as panel:
            self._pack_b(panel, self.packed_b, along)
            with code.loop(self.upper, self.lower, rows) as tile:
                for within, size in self._pieces(tile):
                    self._tile((tile, within, size), (panel, self.packed_b), along)

    def _tiles_first(self, along: Along) -> None:
        """All of B is packed; then each tile of rows, and multiplied with all panels."""
        code = self.code
        with code.loop(self.first, self.last) as panel:
            self._pack_b(panel, self._place_of_b(panel), along)
        with code.loop(self.upper, self.lower, self.gemm.rows) as tile:
            self._pack_a(tile, self.packed_a, along)
            for within, size in self._pieces(tile):
                with code.loop(self.first, self.last) as panel:
                    self._tile((tile, within, size), (panel, self._place_of_b(panel)), along)

    def _place_of_a(self, tile: Term) -> Term:
        return self.code.address(self.kind, self.packed_a, self.code.mul(tile, self.gemm.packed))

    def _place_of_b(self, panel: Term) -> Term:
        return self.code.address(self.kind, self.packed_b, self.code.mul(panel, self.gemm.packed * self.columns))

    def _pieces(self, tile: Term) -> Iterator[tuple[Term, int]]:
        """A whole tile, or the rows that are left over by ever fewer: how many lie before these, and these."""
        code, rows = self.code, self.gemm.rows
        left = code.binary("sub", self.lower, tile)
        with code.when(code.compare("sge", left, whole(rows))):
            yield whole(0), rows
        with code.when(code.compare("slt", left, whole(rows))):
            done = whole(0)
            for size in (size for size in (8, 4, 2, 1) if size < rows):
                fits = code.binary("and", left, whole(size))
                with code.when(code.compare("ne", fits, whole(0))):
                    yield done, size
                done = code.add(done, fits)

    # Packing.

    def _pack_a(self, tile: Term, target: Term, along: Along) -> None:
        """The rows of a tile."""
        code, gemm, (k0, depth) = self.code, self.gemm, along
        mask = self.mask(self.smaller(code.binary("sub", self.lower, tile), whole(gemm.rows)))
        if not gemm.a_by_columns:
            self.transpose((self.a, self.lda, self.m), tile, along, (target, 0, gemm.rows), mask)
        elif not gemm.a_in_place:
            with code.loop(0, depth) as k:
                found = self.masked(self.a, code.add(code.mul(code.add(k0, k), self.lda), tile), mask)
                self.put(found, target, code.mul(k, gemm.rows), mask)

    def _pack_b(self, panel: Term, target: Term, along: Along) -> None:
        start = self.code.mul(panel, self.columns)
        if self.gemm.b_by_columns:
            for v in range(0, self.columns, self.lanes):
                first = self.code.add(start, v)
                self.transpose((self.b, self.ldb, self.n), first, along, (target, v, self.columns))
        elif not self.gemm.b_in_place:
            self._copy_panel(start, target, along)

    def _copy_panel(self, start: Term, target: Term, along: Along) -> None:
        code, lanes, (k0, depth) = self.code, self.lanes, along
        masks = self.masks(code.binary("sub", self.n, start))
        with code.loop(0, depth) as k:
            row = code.add(code.mul(code.add(k0, k), self.ldb), start)
            for v, mask in enumerate(masks):
                self.fetch(self.b, code.add(code.add(row, v * lanes), code.mul(self.ldb, AHEAD)))
                found = self.masked(self.b, code.add(row, v * lanes), mask)
                code.store(found, target, code.add(code.mul(k, self.columns), v * lanes))

    # Multiplying.

    def _tile(self, rows: tuple[Term, Term, int], panel: tuple[Term, Term], along: Along) -> None:
        """A part of C: of a tile of rows those behind so many others; of a panel, which is packed there."""
        code, (tile, within, size), (number, packed), (k0, _) = self.code, rows, panel, along
        row, start = code.add(tile, within), code.mul(number, self.columns)
        if self.gemm.b_in_place:
            b = code.address(self.kind, self.b, code.add(code.mul(k0, self.ldb), start)), self.ldb
        else:
            b = packed, whole(self.columns)
        a = self._columns_of_a(tile, within, k0)
        if size < self.gemm.rows:
            self._sums((row, size), (start, ACROSS), (a, b), along)
            return
        left = code.binary("sub", self.n, start)
        with code.when(code.compare("sgt", left, whole(self.lanes))):
            self._sums((row, size), (start, ACROSS), (a, b), along)
        with code.when(code.compare("sle", left, whole(self.lanes))):  # the last panel, less than half full
            self._sums((row, size), (start, 1), (a, b), along)

    def _sums(self, rows: tuple[Term, int], columns: tuple[Term, int], operands: Operands, along: Along) -> None:
        """So many rows of C and vectors of columns, from these on."""
        code, (row, size), (start, across), (k0, depth) = self.code, rows, columns, along
        masks = self.masks(code.binary("sub", self.n, start))[:across]
        at = [code.add(code.mul(code.add(row, r), self.ldc), start) for r in range(size)]
        sums = self._first_sums(at, masks, start, k0)
        for index in at:
            for v in range(across):
                self.fetch(self.c, code.add(index, v * self.lanes), write=True)
        with code.loop(0, depth) as k:
            if size == self.gemm.rows:
                self._fetch_next(row, start, (k0, k))
            column, line = (code.address(self.kind, place, code.mul(k, step)) for place, step in operands)
            self.multiply(sums, column, range(size), line, masks if self.gemm.b_in_place else None)
        self._write(sums, at, masks, code.add(k0, depth))

    def _columns_of_a(self, tile: Term, within: Term, k0: Term) -> tuple[Term, Term]:
        """Where the first column of the rows of a tile begins, and how far it is to the next."""
        code, gemm = self.code, self.gemm
        if gemm.a_in_place:
            place = code.add(code.mul(k0, self.lda), code.add(tile, within))
            return code.address(self.kind, self.a, place), self.lda
        packed = self._place_of_a(tile) if gemm.low else self.packed_a
        return code.address(self.kind, packed, within), whole(gemm.rows)

    def _fetch_next(self, row: Term, start: Term, at: tuple[Term, Term]) -> None:
        """Fetch a part of what is read next: a little in each turn, for much at a time would queue up."""
        code, gemm, (k0, k), line = self.code, self.gemm, at, LINE // SIZES[self.kind]
        if gemm.low and not gemm.b_by_columns:  # the next panel
            place = code.add(code.mul(code.add(k0, k), self.ldb), code.add(start, self.columns))
            for column in range(0, self.columns, line):
                self.fetch(self.b, code.add(place, column))
        if gemm.a_in_place or (gemm.a_by_columns and not gemm.low):  # the next block of k, or other rows
            later = code.add(code.add(k0, k), gemm.block if gemm.low else 0)
            ahead = code.add(row, 0 if gemm.low else 8 * gemm.rows)
            self.fetch(self.a, code.add(code.mul(later, self.lda), ahead), cache=2)
        elif not gemm.low:  # the next tile: there each row is a line of its own
            later = code.add(code.add(row, gemm.rows), code.binary("and", k, whole(line - 1)))
            self.fetch(self.a, code.add(code.mul(later, self.lda), code.add(k0, code.binary("and", k, whole(-line)))))

    def _first_sums(self, at: list[Term], masks: list[Term], start: Term, k0: Term) -> Sums:
        """The sums so far: the bias, or 0, before the first block of k, what C holds before the others."""
        code, lanes = self.code, self.lanes
        sums = [row[: len(masks)] for row in self.zeros(len(at))]
        with code.when(code.compare("ne", k0, whole(0))):
            for row, index in zip(sums, at, strict=True):
                for v, (place, mask) in enumerate(zip(row, masks, strict=True)):
                    place.set(self.masked(self.c, code.add(index, v * lanes), mask))
        if self.gemm.bias:
            with code.when(code.compare("eq", k0, whole(0))):
                for v, mask in enumerate(masks):
                    bias = self.masked(self.bias, code.add(start, v * lanes), mask)
                    for row in sums:
                        row[v].set(bias)
        return sums

    def _write(self, sums: Sums, at: list[Term], masks: list[Term], done: Term) -> None:
        """Write the sums of the first `done` products; those of all are multiplied with the factor."""
        code, factor = self.code, self.factor
        if factor is not None:
            with code.when(code.compare("eq", done, self.k)):
                for place in (place for row in sums for place in row):
                    place.set(code.binary("fmul", place.get(), factor))
        for row, index in zip(sums, at, strict=True):
            for v, (place, mask) in enumerate(zip(row, masks, strict=True)):
                self.put(place.get(), self.c, code.add(index, v * self.lanes), mask)
