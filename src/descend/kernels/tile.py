"""Tiles of numbers in registers: what the matrix product and the convolutions are made of.

A tile has some rows and two vectors of columns. The sums of a tile stay in registers; `multiply` adds to them a column
of one operand times a row of the other. Vectors that are not full are masked, matrices are transposed by squares of
registers.
"""

from __future__ import annotations

from collections.abc import Sequence

from descend.kernels.code import FLOAT, INDEX, Function, Term, Variable, vector, whole

SIZES = {FLOAT: 4, "double": 8}
SOON = 4  # registers: what will be written so far behind is asked for
ACROSS = 2  # vectors in a row of a tile, unless another number is given

Sums = list[list[Variable]]


class Tiles:
    """Writes the parts of a kernel that work on tiles of `kind` numbers, in registers of `vector_bytes`."""

    def __init__(self, name: str, kind: str, vector_bytes: int, across: int = ACROSS) -> None:
        self.code, self.kind, self.abreast = Function(name), kind, across  # vectors in a row of a tile
        self.lanes = vector_bytes // SIZES[kind]
        self.vector, self.columns = vector(kind, self.lanes), across * self.lanes

    # Masks.

    def smaller(self, a: Term, b: Term) -> Term:
        """The smaller of two indices."""
        return self.code.select(self.code.compare("slt", a, b), a, b)

    def mask(self, count: Term) -> Term:
        """The lanes whose number is below `count`."""
        numbers = Term(vector(INDEX, self.lanes), f"<{', '.join(f'i64 {i}' for i in range(self.lanes))}>")
        return self.code.compare("slt", numbers, self.code.splat(count, self.lanes))

    def masks(self, count: Term) -> list[Term]:
        """A mask for each vector of a row of which `count` columns are there."""
        return [self.mask(self.code.add(count, -v * self.lanes)) for v in range(self.abreast)]

    def masked(self, base: Term, index: Term, mask: Term) -> Term:
        """A vector of which only the lanes of the mask are read; the others are 0."""
        at = self.code.address(self.kind, base, index)
        self.code.bounds.check(at, self._bytes(mask))
        v, m = self.vector, vector("i1", self.lanes)
        symbol = self._declared("load", v, f"ptr, i32, {m}, {v}")
        return self.code.define(v, f"call {v} {symbol}({at}, i32 {SIZES[self.kind]}, {mask}, {v} zeroinitializer)")

    def put(self, value: Term, base: Term, index: Term, mask: Term) -> None:
        """Write only the lanes of the mask."""
        at = self.code.address(self.kind, base, index)
        self.code.bounds.check(at, self._bytes(mask), write=True)
        symbol = self._declared("store", "void", f"{self.vector}, ptr, i32, {vector('i1', self.lanes)}")
        self.code.lines.append(f"  call void {symbol}({value}, {at}, i32 {SIZES[self.kind]}, {mask})")

    def _bytes(self, mask: Term) -> Term:
        """Bytes of the lanes of a mask, which are the first ones; only looked at in the debug mode."""
        code, bits = self.code, f"i{self.lanes}"
        if not code.bounds.on:
            return whole(0)
        lanes = code.convert("zext", code.convert("bitcast", mask, bits), INDEX)
        return code.mul(code.call("llvm.ctpop", lanes), SIZES[self.kind])

    def _declared(self, name: str, kind: str, parameters: str) -> str:
        symbol = f"@llvm.masked.{name}.v{self.lanes}{'f32' if self.kind == FLOAT else 'f64'}.p0"
        self.code.externals.add(f"declare {kind} {symbol}({parameters})")
        return symbol

    def fetch(self, base: Term, index: Term, write: bool = False, cache: int = 1) -> None:
        """Ask memory for what will be read, or written, here, into that cache. It need not lie inside of the array."""
        at = self.code.address(self.kind, base, index)
        self.code.externals.add("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
        self.code.lines.append(f"  call void @llvm.prefetch.p0({at}, i32 {int(write)}, i32 {4 - cache}, i32 1)")

    # Transposing.

    def transposed(self, rows: list[Term]) -> list[Term]:
        """A square matrix of registers, transposed: at each stage, blocks off the diagonal change places."""
        n, step = len(rows), 1
        while step < n:
            low = [(i // step % 2) * n + i - (i // step % 2) * step for i in range(n)]
            high = [lane + step for lane in low]
            for i in range(n):
                if not i & step:
                    a, b = rows[i], rows[i + step]
                    rows[i], rows[i + step] = self.code.shuffle(a, b, low), self.code.shuffle(a, b, high)
            step *= 2
        return rows

    def transpose(
        self, source: tuple[Term, Term, Term], first: Term, along: tuple[Term, Term],
        target: tuple[Term, int, int], mask: Term | None = None, ahead: Term | None = None,
    ) -> None:  # fmt: skip
        """Rows `first`, `first` + 1, ... of a matrix become columns, as many as a register has lanes.

        Rows that are not there are copies of the last one: what is computed with them must not be written.

        Args:
            source: the address of the matrix, the length of its rows, their number.
            along: where in the rows to begin, and how many elements to take.
            target: an address, the place there of the first element, the length of a row there.
            mask: the lanes to write.
            ahead: how far behind these rows those lie that are needed next: memory is asked for them.
        """
        code, (base, length, count), (start, depth) = self.code, source, along
        rows = [self.smaller(code.add(first, r), code.add(count, -1)) for r in range(self.lanes)]
        bases = [code.address(self.kind, base, code.add(code.mul(row, length), start)) for row in rows]
        self.transpose_rows(bases, depth, target, mask, ahead)

    def transpose_rows(
        self, bases: list[Term], depth: Term, target: tuple[Term, int, int], mask: Term | None = None,
        ahead: Term | None = None,
    ) -> None:  # fmt: skip
        """As `transpose`, of the rows that begin at these addresses."""
        code, (place, offset, width) = self.code, target
        with code.loop(0, depth, self.lanes) as k:
            inside = self.mask(code.binary("sub", depth, k))
            for base in bases if ahead is not None else []:
                self.fetch(base, code.add(k, ahead or 0))
            for r, column in enumerate(self.transposed([self.masked(at, k, inside) for at in bases])):
                index = code.add(code.mul(code.add(k, r), width), offset)
                if mask is None:
                    code.store(column, place, index)
                else:
                    self.put(column, place, index, mask)

    # Multiplying.

    def zeros(self, rows: int) -> Sums:
        """A tile of sums that begin with 0."""
        zero = Term(self.vector, "zeroinitializer")
        return [[self.code.variable(zero) for _ in range(self.abreast)] for _ in range(rows)]

    def multiply(
        self, sums: Sums, a: Term, offsets: Sequence[int], b: Term, masks: Sequence[Term] | None = None
    ) -> None:
        """Add a column of one operand, its numbers at these offsets from `a`, times a row of the other at `b`.

        Of the row the lanes of the masks are read, or all.
        """
        code = self.code
        vectors = [
            code.load(self.vector, b, v * self.lanes) if masks is None
            else self.masked(b, whole(v * self.lanes), masks[v]) for v in range(len(sums[0]))
        ]  # fmt: skip
        for row, offset in zip(sums, offsets, strict=True):
            one = code.splat(code.load(self.kind, a, offset), self.lanes)
            for place, part in zip(row, vectors, strict=True):
                place.set(code.fma(one, part, place.get()))

    # Room.

    def panels(self, n: Term) -> Term:
        """How many panels of a tile's width n columns need."""
        return self.code.binary("sdiv", self.code.add(n, self.columns - 1), whole(self.columns))

    def share(self, n: Term) -> tuple[Term, Term]:
        """This thread's part of 0 ... n - 1: the first, and the one after the last."""
        code = self.code
        thread, threads = code.parameter("thread"), code.parameter("threads")
        cut = [code.binary("sdiv", code.mul(n, t), threads) for t in (thread, code.add(thread, 1))]
        return cut[0], cut[1]

    def room(self, place: int, needed: Term) -> Term:
        """This thread's part of the room given as an argument, on a cache line's boundary."""
        code = self.code
        start = code.add(code.number(place), code.mul(code.parameter("thread"), needed))
        start = code.binary("and", code.add(start, 63), whole(-64))
        return code.bounds.begin(code.define("ptr", f"inttoptr {start} to ptr"), needed, place)
