"""The product at each step of a recurrence: a few rows times weights that stay the same.

The weights are packed once, in panels of a tile's columns; the rows are packed at each step, [k][row], so that a tile
reads them one after the other. Results are written to scratch, [row][column], where the formulas find them.
"""

from __future__ import annotations

from collections.abc import Iterator

from descend.kernels.code import Term, whole
from descend.kernels.tile import ACROSS, SIZES, Tiles

AT_ONCE = 48  # rows that go through all steps together: a multiple of the lanes and rows of every tile


def bytes_of(kind: str, vector_bytes: int, depth: int, width: int) -> int:
    """Room for packed weights (depth, width), packed rows and results."""
    lanes = vector_bytes // SIZES[kind]
    deep, wide = (-(-n // step) * step for n, step in ((depth, lanes), (width, ACROSS * lanes)))
    return (deep * wide + AT_ONCE * (deep + wide)) * SIZES[kind]


class Product(Tiles):
    """Rows of `depth` numbers times weights (depth, width)."""

    def pack(self, weights: Term, sizes: tuple[Term, Term], room: Term, *, turned: bool) -> Term:
        """Pack the weights, (depth, width) or turned, (width, depth). Returns: where the rest of the room begins."""
        code = self.code
        self.depth, self.width = sizes
        deep, self.across = self._up(self.depth, self.lanes), self._up(self.width, self.columns)
        self.panel = code.mul(deep, self.columns)
        self.weights = room
        self.packed = code.address(self.kind, self.weights, code.mul(deep, self.across))
        self.products = code.address(self.kind, self.packed, code.mul(deep, AT_ONCE))
        with code.loop(0, self.panels(self.width)) as panel:
            target = code.address(self.kind, self.weights, code.mul(panel, self.panel))
            (self._transpose if turned else self._copy)(weights, code.mul(panel, self.columns), target)
        return code.address(self.kind, self.products, code.mul(self.across, AT_ONCE))

    def _up(self, n: Term, step: int) -> Term:
        return self.code.mul(self.code.binary("sdiv", self.code.add(n, step - 1), whole(step)), step)

    def _transpose(self, weights: Term, start: Term, target: Term) -> None:
        code = self.code
        with code.loop(0, self.columns, self.lanes) as v:
            first, at = code.add(start, v), code.address(self.kind, target, v)
            self.transpose((weights, self.depth, self.width), first, (whole(0), self.depth), (at, 0, self.columns))

    def _copy(self, weights: Term, start: Term, target: Term) -> None:
        code = self.code
        masks = self.masks(code.binary("sub", self.width, start))
        with code.loop(0, self.depth) as k:
            row = code.add(code.mul(k, self.width), start)
            for v, mask in enumerate(masks):
                found = self.masked(weights, code.add(row, v * self.lanes), mask)
                code.store(found, target, code.add(code.mul(k, self.columns), v * self.lanes))

    def product(self, base: Term, stride: Term, rows: Term) -> None:
        """The products of the rows that begin at `base`, `stride` numbers from one to the next."""
        code = self.code
        with code.loop(0, rows, self.lanes) as row:
            target = code.address(self.kind, self.packed, row)
            self.transpose((base, stride, rows), row, (whole(0), self.depth), (target, 0, AT_ONCE))
        with code.loop(0, self.panels(self.width)) as panel:
            weights = code.address(self.kind, self.weights, code.mul(panel, self.panel))
            for row, size in self._tiles(rows):
                self._tile(panel, weights, row, size)

    def _tiles(self, rows: Term) -> Iterator[tuple[Term, int]]:
        """Whole tiles, then what is left over in ever smaller ones: the first row of each, and how many it has."""
        code, most = self.code, 12 if self.lanes * SIZES[self.kind] == 64 else 6  # fills most of the registers
        done = code.mul(code.binary("sdiv", rows, whole(most)), most)
        with code.loop(0, done, most) as row:
            yield row, most
        left = code.binary("sub", rows, done)
        for size in (n for n in (8, 4, 2, 1) if n < most):
            fits = code.binary("and", left, whole(size))
            with code.when(code.compare("ne", fits, whole(0))):
                yield done, size
            done = code.add(done, fits)

    def _tile(self, panel: Term, weights: Term, row: Term, size: int) -> None:
        code, sums = self.code, self.zeros(size)
        rows = code.address(self.kind, self.packed, row)
        with code.loop(0, self.depth) as k:
            column = code.address(self.kind, rows, code.mul(k, AT_ONCE))
            self.multiply(sums, column, range(size), code.address(self.kind, weights, code.mul(k, self.columns)))
        for i, line in enumerate(sums):
            start = code.add(code.mul(code.add(row, i), self.across), code.mul(panel, self.columns))
            for v, place in enumerate(line):
                code.store(place.get(), self.products, code.add(start, v * self.lanes))
