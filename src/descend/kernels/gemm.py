"""The matrix product: C = A B, or C = A B + bias, with either operand stored by columns.

The product is cut into tiles of `rows` by `columns` that stay in registers while k runs: for every k, `rows` numbers
of A are each multiplied with the same few vectors of B. Both operands are packed first, so that what one tile reads
lies in the order in which it is read (with A as it was, the same kernel ran at half the speed: a register for the
address of each row). k is cut into blocks, so that what is packed stays in the caches.

    for each block of k
        pack B                      panels of `columns` columns, each [k][columns]
        for each tile of rows       12, and what is left over by 8, 4, 2, 1
            pack A                  [k][rows]
            for each panel          rows x columns sums in registers

Columns that do not fill a vector are masked. Arguments of the kernel: m, n, k; A and its row length, B and its row
length, C, bias (read if the kernel was made for it), room for packing (`room` bytes for each thread). Each thread takes
its share of the panels.

Source: Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication".
"""

from __future__ import annotations

from dataclasses import dataclass

from descend.kernels.code import Term, whole
from descend.kernels.tile import ACROSS, SIZES, Sums, Tiles

BLOCK = 256  # of k


@dataclass(frozen=True)
class Gemm:
    """Which product: `kind` of numbers, operands stored by columns, with a bias; for registers of this many bytes."""

    kind: str
    a_by_columns: bool
    b_by_columns: bool
    bias: bool
    vector_bytes: int

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
    def packed(self) -> int:
        """Rows of a packed panel: transposing works on whole squares."""
        return BLOCK + self.lanes

    def room(self, n: int) -> int:
        """Bytes that a thread needs for packing."""
        panels = -(-n // self.columns)
        return self.packed * (panels * self.columns + self.rows) * SIZES[self.kind] + 64

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
        self.first, self.last = self.share(self.panels(self.n))
        self.panel_size = gemm.packed * gemm.columns
        self.packed_a = self._packing()
        self.packed_b = code.address(self.kind, self.packed_a, gemm.packed * gemm.rows)
        one = code.select(code.compare("eq", self.k, whole(0)), whole(1), self.k)  # a sum over nothing is written too
        with code.loop(0, one, BLOCK) as k0:
            depth = self.smaller(code.binary("sub", self.k, k0), whole(BLOCK))
            self._pack_b(k0, depth)
            self._rows(k0, depth)

    def _packing(self) -> Term:
        """Where this thread packs A, and B behind it."""
        code, size = self.code, SIZES[self.kind]
        panels = code.mul(self.panels(self.n), self.panel_size * size)
        return self.room(9, code.add(panels, self.gemm.packed * self.gemm.rows * size + 64))

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
                found = self.masked(self.b, code.add(row, v * lanes), mask)
                code.store(found, target, code.add(code.mul(k, self.columns), v * lanes))

    def _transpose_panel(self, start: Term, target: Term, k0: Term, depth: Term) -> None:
        for v in range(ACROSS):
            first = self.code.add(start, v * self.lanes)
            self.transpose((self.b, self.ldb, self.n), first, (k0, depth), (target, v * self.lanes, self.columns))

    def _pack_a(self, row: Term, k0: Term, depth: Term) -> None:
        code, rows = self.code, self.gemm.rows
        mask = self.mask(self.smaller(code.binary("sub", self.m, row), whole(rows)))
        if not self.gemm.a_by_columns:
            self.transpose((self.a, self.lda, self.m), row, (k0, depth), (self.packed_a, 0, rows), mask)
            return
        with code.loop(0, depth) as k:
            found = self.masked(self.a, code.add(code.mul(code.add(k0, k), self.lda), row), mask)
            self.put(found, self.packed_a, code.mul(k, rows), mask)

    # Multiplying.

    def _rows(self, k0: Term, depth: Term) -> None:
        """Whole tiles, then what is left over in ever smaller ones."""
        code, rows = self.code, self.gemm.rows
        whole_tiles = code.mul(code.binary("sdiv", self.m, whole(rows)), rows)
        with code.loop(0, whole_tiles, rows) as row:
            self._pack_a(row, k0, depth)
            self._tiles(row, whole(0), rows, k0, depth)
        left = code.binary("sub", self.m, whole_tiles)
        with code.when(code.compare("ne", left, whole(0))):
            self._pack_a(whole_tiles, k0, depth)
            done = whole(0)
            for size in (size for size in (8, 4, 2, 1) if size < rows):
                fits = code.binary("and", left, whole(size))
                with code.when(code.compare("ne", fits, whole(0))):
                    self._tiles(whole_tiles, done, size, k0, depth)
                done = code.add(done, fits)

    def _tiles(self, tile: Term, within: Term, rows: int, k0: Term, depth: Term) -> None:
        """`rows` rows of C, from row tile + within on, in all panels of this thread."""
        code = self.code
        row = code.add(tile, within)
        with code.loop(self.first, self.last) as panel:
            start = code.mul(panel, self.columns)
            masks = self.masks(code.binary("sub", self.n, start))
            source = code.address(self.kind, self.packed_b, code.mul(panel, self.panel_size))
            at = [code.add(code.mul(code.add(row, r), self.n), start) for r in range(rows)]
            sums = self._first_sums(at, masks, start, k0)
            self._multiply(sums, code.address(self.kind, self.packed_a, within), source, depth)
            self._write(sums, at, masks)

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

    def _multiply(self, sums: Sums, a: Term, b: Term, depth: Term) -> None:
        """The innermost loop: a column of A times a row of B."""
        code = self.code
        with code.loop(0, depth) as k:
            column = code.address(self.kind, a, code.mul(k, self.gemm.rows))
            row = code.address(self.kind, b, code.mul(k, self.columns))
            self.multiply(sums, column, range(len(sums)), row)

    def _write(self, sums: Sums, at: list[Term], masks: list[Term]) -> None:
        for row, index in zip(sums, at, strict=True):
            for v, (place, mask) in enumerate(zip(row, masks, strict=True)):
                self.put(place.get(), self.c, self.code.add(index, v * self.lanes), mask)
