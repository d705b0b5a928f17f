"""The matrix product: C = A B, or C = A B + bias, with either operand stored by columns.

The product is cut into tiles of `rows` by `columns` that stay in registers while k runs: for every k, `rows` numbers
of A are each multiplied with the same few vectors of B. Both operands are packed first, so that what one tile reads
lies in the order in which it is read (with A as it was, the same kernel ran at half the speed: a register for the
address of each row). k is cut into blocks, so that what is packed stays in the caches.

    for each block of k
        pack B                      panels of `columns` columns, each [k][columns]
        for each tile of rows       12, and what is left over by 8, 4, 2, 1
            pack A                  [k][rows]; where it is stored by columns, for several tiles at once
            for each panel          rows x columns sums in registers

Columns that do not fill a vector are masked. Arguments of the kernel: m, n, k; A and its row length, B and its row
length, C, bias (read if the kernel was made for it), room for packing (`room` bytes for each thread). The threads
divide the rows among them, or the panels where there are more columns than rows.

A kernel for `stacks` of matrices multiplies many pairs. After the other arguments it takes the row length of C, how
many stacks there are and how many matrices each has; for each of A, B and C where the first matrix begins, and the
steps from stack to stack and from matrix to matrix, all in elements; and the bits of a number that the product is
multiplied with. The threads divide the matrices and their rows. So heads of attention, which lie inside longer rows,
need not be moved.

What is read or written soon is fetched beforehand. Without that the products of a transformer, whose operands come from
memory and not from a cache, ran at 150 instead of 205 GFLOP/s.

Source: Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from descend.kernels.code import FLOAT, Term, whole
from descend.kernels.once import once
from descend.kernels.tile import ACROSS, SIZES, Sums, Tiles

LINE = 64  # bytes that memory gives at once
AHEAD = 16  # rows of an operand that are fetched before they are read


@dataclass(frozen=True)
class Gemm:
    """Which product: `kind` of numbers, operands stored by columns, with a bias; for registers of this many bytes.

    Attributes:
        stacks: whether there are many pairs of matrices, and a factor.
    """

    kind: str
    a_by_columns: bool
    b_by_columns: bool
    bias: bool
    vector_bytes: int
    stacks: bool = False

    @property
    def lanes(self) -> int:
        """Numbers in a register."""
        return self.vector_bytes // SIZES[self.kind]

    @property
    def rows(self) -> int:
        """Rows of a tile: with two vectors a row, the sums fill most of the 32 (or 16) registers."""
        return min(12, self.lanes) if self.vector_bytes == 64 else min(6, self.lanes)

    @property
    def columns(self) -> int:
        """Columns of a tile."""
        return ACROSS * self.lanes

    @property
    def together(self) -> int:
        """Tiles whose rows of A are packed at once: where A is stored by columns these lie side by side."""
        return 8 if self.a_by_columns else 1

    @property
    def block(self) -> int:
        """How much of k is taken at once: less where A is packed for several tiles."""
        return 256 if self.a_by_columns else 512

    @property
    def packed(self) -> int:
        """Rows of a packed panel: transposing works on whole squares."""
        return self.block + self.lanes

    def room(self, n: int) -> int:
        """Bytes that a thread needs for packing."""
        panels = -(-n // self.columns)
        return self.packed * (panels * self.columns + self.rows * self.together) * SIZES[self.kind] + 64

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
        self.panel_size = gemm.packed * gemm.columns
        self.packed_a = self._packing()
        self.packed_b = code.address(self.kind, self.packed_a, gemm.packed * gemm.rows * gemm.together)
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
        upper = code.select(self.by_rows, code.mul(first, rows), whole(0))
        lower = code.select(self.by_rows, self.smaller(code.mul(last, rows), self.m), self.m)
        one = code.select(code.compare("eq", self.k, whole(0)), whole(1), self.k)  # a sum over nothing is written too
        with code.loop(0, one, self.gemm.block) as k0:
            depth = self.smaller(code.binary("sub", self.k, k0), whole(self.gemm.block))
            self._pack_b(k0, depth)
            self._rows(upper, lower, k0, depth)

    def _packing(self) -> Term:
        """Where this thread packs A, and B behind it."""
        code, size = self.code, SIZES[self.kind]
        panels = code.mul(self.panels(self.n), self.panel_size * size)
        return self.room(9, code.add(panels, self.gemm.packed * self.gemm.rows * self.gemm.together * size + 64))

    # Packing.

    def _pack_b(self, k0: Term, depth: Term) -> None:
        code = self.code
        with code.loop(self.first, self.last) as panel:
            start = code.mul(panel, self.columns)
            target = code.address(self.kind, self.packed_b, code.mul(panel, self.panel_size))
            if self.gemm.b_by_columns:
                self._transpose_panel(start, target, k0, depth)
            else:
                self._copy_panel(start, target, k0, depth)

    def _copy_panel(self, start: Term, target: Term, k0: Term, depth: Term) -> None:
        code, lanes = self.code, self.lanes
        masks = self.masks(code.binary("sub", self.n, start))
        with code.loop(0, depth) as k:
            row = code.add(code.mul(code.add(k0, k), self.ldb), start)
            for v, mask in enumerate(masks):
                self.fetch(self.b, code.add(code.add(row, v * lanes), code.mul(self.ldb, AHEAD)))
                found = self.masked(self.b, code.add(row, v * lanes), mask)
                code.store(found, target, code.add(code.mul(k, self.columns), v * lanes))

    def _transpose_panel(self, start: Term, target: Term, k0: Term, depth: Term) -> None:
        for v in range(ACROSS):
            first = self.code.add(start, v * self.lanes)
            self.transpose((self.b, self.ldb, self.n), first, (k0, depth), (target, v * self.lanes, self.columns))

    def _pack_a(self, upper: Term, lower: Term, k0: Term, depth: Term) -> None:
        """Rows `upper` up to `lower`, by tiles."""
        code, rows = self.code, self.gemm.rows
        if not self.gemm.a_by_columns:
            mask = self.mask(code.binary("sub", lower, upper))
            self.transpose((self.a, self.lda, self.m), upper, (k0, depth), (self.packed_a, 0, rows), mask)
            return
        left = code.binary("srem", code.binary("sub", lower, upper), whole(rows))
        whole_tiles = code.binary("sub", lower, left)
        with code.loop(0, depth) as k:
            with code.loop(upper, whole_tiles, rows) as row:
                self._pack_columns(upper, row, (k0, k), self.mask(whole(rows)))
            self._pack_columns(upper, whole_tiles, (k0, k), self.mask(left))

    def _pack_columns(self, upper: Term, row: Term, at: tuple[Term, Term], mask: Term) -> None:
        """One column of the rows of a tile."""
        code, (k0, k) = self.code, at
        source = code.add(code.mul(code.add(k0, k), self.lda), row)
        self.fetch(self.a, code.add(source, code.mul(self.lda, AHEAD)))
        found = self.masked(self.a, source, mask)
        place = code.mul(code.binary("sub", row, upper), self.gemm.packed)
        self.put(found, self.packed_a, code.add(place, code.mul(k, self.gemm.rows)), mask)

    # Multiplying.

    def _rows(self, upper: Term, lower: Term, k0: Term, depth: Term) -> None:
        """Rows `upper` up to `lower`: whole tiles, then what is left over in ever smaller ones."""
        code, rows, together = self.code, self.gemm.rows, self.gemm.rows * self.gemm.together
        with code.loop(upper, lower, together) as block:
            end = self.smaller(code.add(block, together), lower)
            self._pack_a(block, end, k0, depth)
            left = code.binary("srem", code.binary("sub", end, block), whole(rows))
            whole_tiles = code.binary("sub", end, left)
            with code.loop(block, whole_tiles, rows) as row:
                self._tiles((block, row, whole(0)), rows, k0, depth)
            with code.when(code.compare("ne", left, whole(0))):
                done = whole(0)
                for size in (size for size in (8, 4, 2, 1) if size < rows):
                    fits = code.binary("and", left, whole(size))
                    with code.when(code.compare("ne", fits, whole(0))):
                        self._tiles((block, whole_tiles, done), size, k0, depth)
                    done = code.add(done, fits)

    def _tiles(self, place: tuple[Term, Term, Term], rows: int, k0: Term, depth: Term) -> None:
        """`rows` rows of C in all panels of this thread; `place`: first row of what is packed, of its tile, in it."""
        code, (block, tile, within) = self.code, place
        row = code.add(tile, within)
        packed = code.add(code.mul(code.binary("sub", tile, block), self.gemm.packed), within)
        with code.loop(self.first, self.last) as panel:
            start = code.mul(panel, self.columns)
            masks = self.masks(code.binary("sub", self.n, start))
            source = code.address(self.kind, self.packed_b, code.mul(panel, self.panel_size))
            at = [code.add(code.mul(code.add(row, r), self.ldc), start) for r in range(rows)]
            sums = self._first_sums(at, masks, start, k0)
            for index in at:
                for v in range(ACROSS):
                    self.fetch(self.c, code.add(index, v * self.lanes), write=True)
            self._multiply(sums, code.address(self.kind, self.packed_a, packed), source, (row, k0, depth))
            self._write(sums, at, masks, code.add(k0, depth))

    def _first_sums(self, at: list[Term], masks: list[Term], start: Term, k0: Term) -> Sums:
        """The sums so far: the bias, or 0, before the first block of k, what C holds before the others."""
        code, lanes = self.code, self.lanes
        sums = self.zeros(len(at))
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

    def _multiply(self, sums: Sums, a: Term, b: Term, place: tuple[Term, Term, Term]) -> None:
        """The innermost loop: a column of A times a row of B."""
        code, (row, k0, depth) = self.code, place
        with code.loop(0, depth) as k:
            if len(sums) == self.gemm.rows:
                self._fetch_next(row, k0, k)
            column = code.address(self.kind, a, code.mul(k, self.gemm.rows))
            self.multiply(sums, column, range(len(sums)), code.address(self.kind, b, code.mul(k, self.columns)))

    def _fetch_next(self, row: Term, k0: Term, k: Term) -> None:
        """Fetch a part of the rows of A that are packed next: one in each turn, for many at a time would queue up."""
        code, line = self.code, LINE // SIZES[self.kind]
        if self.gemm.a_by_columns:
            later = code.add(row, self.gemm.rows * self.gemm.together)
            place = code.add(code.mul(code.add(k0, k), self.lda), later)
        else:
            later = code.add(code.add(row, self.gemm.rows), code.binary("and", k, whole(line - 1)))
            place = code.add(code.mul(later, self.lda), code.add(k0, code.binary("and", k, whole(-line))))
        self.fetch(self.a, place)

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
