"""Winograd's convolution: see `kernels.winograd`."""

from __future__ import annotations

from descend.kernels.code import Term, whole
from descend.kernels.cut import Cut
from descend.kernels.winograd_products import Products


class Convolution(Products):
    """Arrays: images, weights, result."""

    def __init__(self, name: str, cut: Cut) -> None:
        super().__init__(name, cut)
        code = self.code
        self.clear(self.sheet)
        with self.each_block(*self.shared) as (start, images), self.each_band() as (top, rows):
            self.bring(self.change.input, (start, images), (top, rows))
            first = self.both(code.compare("eq", start, self.shared[0]), code.compare("eq", top, whole(0)))
            with code.loop(*self.mine) as panel:
                with code.when(first), self.each_register(panel) as (out, channel):
                    self.enter_weights(out, channel)
                self.multiply_all(panel, self.size(images, rows, self.right))
                self._leave(images, rows)
                self._write(start, images, top, panel)

    def _leave(self, images: Term, rows: Term) -> None:
        """The results of a block, in the basis of pixels: [image][y][x][out]."""
        with self.each_tile(images, rows) as (n, y, x, t):
            corner = self.pixel_at(n, rows, y, x)
            with self.code.loop(0, self.columns, self.lanes) as lane:
                self._leave_tile(corner, self.code.add(self.sum_at(whole(0), t), lane), lane)

    def _leave_tile(self, corner: Term, base: Term, lane: Term) -> None:
        code = self.code

        def read(i: int, j: Term) -> Term:
            return code.load(self.vector, self.sums, self.frequency(i, j, self.sum_step, base))

        def write(i: Term, j: int, value: Term) -> None:
            code.store(value, self.pixels, self.pixel_in(corner, i, j, lane))

        self.sandwich(self.change.output, read, write)

    def _write(self, start: Term, images: Term, top: Term, panel: Term) -> None:
        """The results of a block as rows of pixels of each output channel."""
        code, height, width = self.code, self.given["rows"], self.given["columns"]
        first = code.mul(top, self.side)
        held = code.mul(self.smaller(self.given["band"], code.binary("sub", self.down, top)), self.side)
        wide = code.mul(self.right, self.side)
        there = self.smaller(held, code.binary("sub", height, first))
        with code.loop(0, images) as n, code.loop(0, self.columns, self.lanes) as lane, code.loop(0, there) as y:
            out = code.add(code.mul(panel, self.columns), lane)
            with code.loop(0, width, self.lanes) as x:
                inside = self.mask(code.binary("sub", width, x))
                line = code.add(self.index((1, n), (held, y), (wide, x), (self.columns, 0)), lane)
                places = [code.add(line, r * self.columns) for r in range(self.lanes)]
                square = [code.load(self.vector, self.pixels, place) for place in places]
                at = self.index((1, code.add(start, n)), (self.out, out), (height, code.add(first, y)), (width, x))
                self.put_rows(square, out, (self.arrays[2], at, self.size(height, width)), inside)
