"""The gradient of the input as Winograd's convolution read backwards: see `kernels.winograd`.

"back"      for each block of tiles of cotangents
                cotangents[frequency][channel][tile]        = output' @ tile @ output
                for each panel of phases of image channels
                    for each frequency: sums[tile][channel] = cotangents' @ weights
                    result                                 += input' @ sums @ input, where tiles overlap
"""

from __future__ import annotations

from descend.kernels.code import FLOAT, Term, whole
from descend.kernels.cut import Cut
from descend.kernels.winograd_products import Products


class Back(Products):
    """Arrays: cotangents, weights, result. The channels are those of the cotangents, `out` are those of the images."""

    def __init__(self, name: str, cut: Cut) -> None:
        super().__init__(name, cut)
        code = self.code
        self.result = self.padded(self.pixels, code.mul(self.panel_count, cut.across))
        self.made = self._made()
        self.clear(self.sheet)
        with self.each_block(*self.shared) as (start, images):
            with code.when(code.compare("eq", start, self.shared[0])):
                self._enter_weights()
            self._clear(images)
            with self.each_band() as (top, rows):
                self.bring(self.change.output.T, (start, images), (top, rows))
                with code.loop(*self.mine) as panel:
                    self.multiply_all(panel, self.size(images, rows, self.right))
                    self._leave(panel, images, (top, rows))
            self._write(start, images)

    def _made(self) -> tuple[Term, Term]:
        """The blocks of image channels in this thread's panels: panels are shared by as many as have whole blocks."""
        code, phases = self.code, self.cut.phases
        first, last = (self.parts(code.mul(panel, self.cut.across), phases) for panel in self.mine)
        return first, self.smaller(last, self.parts(self.out, self.lanes))

    def _enter_weights(self) -> None:
        code = self.code
        with code.loop(*self.made) as block, code.loop(0, self.channels) as channel:
            self.enter_weights(code.mul(block, self.lanes), channel)

    def _clear(self, images: Term) -> None:
        """Zeros in this thread's panels of a block's results."""
        code, sheet = self.code, self.result
        begin, end = (code.mul(panel, self.cut.across) for panel in self.mine)
        with code.loop(0, images) as n:
            first = self.index((1, n), (sheet.planes, begin), (sheet.plane, 0), (self.lanes, 0))
            count = self.size(code.binary("sub", end, begin), sheet.plane, self.lanes)
            code.clear(FLOAT, code.address(FLOAT, sheet.data, first), count)

    def _leave(self, panel: Term, images: Term, lines: tuple[Term, Term]) -> None:
        """Add the tiles of a block to the result, in the basis of pixels."""
        code, (top, rows) = self.code, lines
        with self.each_tile(images, rows) as (n, y, x, t), code.loop(0, self.cut.across) as v:
            plane = code.add(code.mul(panel, self.cut.across), v)
            corner = self.corner(self.result, (n, plane), code.add(top, y), x)
            self._leave_tile(corner, code.add(self.sum_at(whole(0), t), code.mul(v, self.lanes)))

    def _leave_tile(self, corner: Term, base: Term) -> None:
        code, sheet = self.code, self.result

        def read(i: int, j: Term) -> Term:
            return code.load(self.vector, self.sums, self.frequency(i, j, self.sum_step, base))

        def write(i: Term, j: int, value: Term) -> None:
            at = code.mul(code.add(corner, code.add(code.mul(sheet.wide, i), j)), self.lanes)
            code.store(code.binary("fadd", code.load(self.vector, sheet.data, at), value), sheet.data, at)

        self.sandwich(self.change.input.T, read, write)

    def _write(self, start: Term, images: Term) -> None:
        """The results of a block as rows of pixels of each channel."""
        code, sheet, (height, width) = self.code, self.result, self.result.size
        with code.loop(0, images) as n, code.loop(*self.made) as block, code.loop(0, height) as y:
            line, channel = self.line(sheet, n, block, y), code.mul(block, self.lanes)
            with code.loop(0, width, self.lanes) as x:
                square = [code.load(self.vector, sheet.data, self.pixel(line, x, r)) for r in range(self.lanes)]
                at = self.index((1, code.add(start, n)), (self.out, channel), (height, y), (width, x))
                inside = self.mask(code.binary("sub", width, x))
                self.put_rows(square, channel, (self.arrays[2], at, self.size(height, width)), inside)
