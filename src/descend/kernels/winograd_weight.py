"""The gradient of the weights of Winograd's convolution: see `kernels.winograd`."""

from __future__ import annotations

from descend.kernels.blocks import Blocks
from descend.kernels.code import FLOAT, Term, whole
from descend.kernels.cut import Cut
from descend.kernels.tile import Sums
from descend.kernels.winograd_products import numbered


class Weight(Blocks):
    """Arrays: images, cotangents, result."""

    def __init__(self, name: str, cut: Cut) -> None:
        super().__init__(name, cut)
        code = self.code
        first, last = self.share(self.panel_count)
        self.clear(self.sheet)
        panels, block, band = code.compare("slt", first, last), self.each_block(whole(0), self.images), self.each_band()
        with code.when(panels), block as images, band as lines:
            self.bring(self.change.input, images, lines)
            begins, ends = self._ends(images, lines)
            with code.loop(first, last) as panel:
                with code.when(begins):
                    self._clear(panel)
                self._fill(panel, images, lines)
                self._enter_cotangents(images[1], lines[1])
                self._multiply(panel, self.size(images[1], lines[1], self.right))
                with code.when(ends), self.each_register(panel) as (out, channel):
                    self._leave(out, channel)

    def _ends(self, images: tuple[Term, Term], lines: tuple[Term, Term]) -> tuple[Term, Term]:
        """Whether this is the first block, and whether it is the last one."""
        code, total = self.code, (self.images, self.down)
        begins = [code.compare("eq", start, whole(0)) for start, _ in (images, lines)]
        ends = [code.compare("eq", code.add(*part), n) for part, n in zip((images, lines), total, strict=True)]
        return self.both(*begins), self.both(*ends)

    def _clear(self, panel: Term) -> None:
        """No sums yet."""
        place = self.code.address(FLOAT, self.weights, self.weight_at(panel, whole(0), whole(0)))
        self.code.clear(FLOAT, place, self.size(self.count, self.channel_room, self.columns))

    def _fill(self, panel: Term, images: tuple[Term, Term], lines: tuple[Term, Term]) -> None:
        """The cotangents of a block as [image][y][x][out], with zeros behind the last line."""
        code, side, height, width = self.code, self.side, self.given["rows"], self.given["columns"]
        wide, held, first = code.mul(self.right, side), code.mul(lines[1], side), code.mul(lines[0], side)
        there = self.smaller(held, code.binary("sub", height, first))
        with code.when(code.compare("slt", there, held)):
            code.clear(FLOAT, self.pixels, self.size(images[1], held, wide, self.columns))
        plane = self.size(height, width)
        with code.loop(0, images[1]) as n, code.loop(0, self.columns, self.lanes) as lane, code.loop(0, there) as y:
            at = self.index((1, code.add(images[0], n)), (self.out, 0), (height, code.add(first, y)), (width, 0))
            line = code.add(self.index((1, n), (held, y), (wide, 0), (self.columns, 0)), lane)
            source = (code.address(FLOAT, self.arrays[1], at), plane, self.out)
            self._turn(source, code.add(code.mul(panel, self.columns), lane), width, line)

    def _turn(self, source: tuple[Term, Term, Term], out: Term, width: Term, line: Term) -> None:
        code = self.code

        def place(x: Term, r: int) -> tuple[Term, Term]:
            return self.pixels, code.add(code.add(line, code.mul(x, self.columns)), r * self.columns)

        self.turn(source, out, width, place)

    def _enter_cotangents(self, images: Term, rows: Term) -> None:
        """The cotangents of a block in the other basis: [frequency][tile][out]."""
        with self.each_tile(images, rows) as (n, y, x, t):
            corner = self.pixel_at(n, rows, y, x)
            with self.code.loop(0, self.columns, self.lanes) as lane:
                self._enter_tile(corner, self.code.add(self.sum_at(whole(0), t), lane), lane)

    def _enter_tile(self, corner: Term, base: Term, lane: Term) -> None:
        code = self.code

        def read(i: int, j: Term) -> Term:
            return code.load(self.vector, self.pixels, self.pixel_in(corner, i, j, lane))

        def write(i: Term, j: int, value: Term) -> None:
            code.store(value, self.sums, self.frequency(i, j, self.sum_step, base))

        self.sandwich(self.change.output.T, read, write)

    def _multiply(self, panel: Term, tiles: Term) -> None:
        """For each frequency and channel, add the sum over tiles of inputs times cotangents."""
        code, rows = self.code, self.cut.at_once
        channels = code.mul(self.blocks, self.lanes)
        with code.loop(0, self.count) as f, code.loop(0, channels, rows) as c:
            block, lane = self.divided(c, self.lanes)
            inputs = code.address(FLOAT, self.inputs, code.add(self.input_at(f, block, whole(0)), lane))
            cotangents = code.address(FLOAT, self.sums, self.sum_at(f, whole(0)))
            sums = self.zeros(rows)
            with code.loop(0, tiles) as t:
                column = code.address(FLOAT, inputs, code.mul(t, self.lanes))
                self.multiply(sums, column, range(rows), code.address(FLOAT, cotangents, code.mul(t, self.columns)))
            self._add(sums, self.weight_at(panel, f, c))

    def _add(self, sums: Sums, at: Term) -> None:
        """Add a block's sums to those before: sums of sums, so that rounding does not grow with the number of tiles."""
        code = self.code
        for r, v, part in numbered(sums):
            place = code.add(at, r * self.columns + v * self.lanes)
            code.store(code.binary("fadd", code.load(self.vector, self.weights, place), part), self.weights, place)

    def _leave(self, out: Term, channel: Term) -> None:
        """The gradients of the weights of one channel and a register of output channels, in the basis of taps."""
        code, window = self.code, self.cut.window
        place = code.room(FLOAT, (window + self.lanes) * self.lanes)
        far = self.size(self.channel_room, self.columns)
        panel, lane = self.divided(out, self.columns)
        with self.each_phase() as (phase, tap):
            base = code.add(self.weight_at(panel, whole(0), self.place(channel, phase)), lane)

            def read(i: int, j: Term) -> Term:
                return code.load(self.vector, self.weights, self.frequency(i, j, far, base))

            def write(i: Term, j: int, value: Term) -> None:
                code.store(value, place, code.mul(tap(i, j), self.lanes))

            self.sandwich(self.change.kernel.T, read, write)
        step = code.mul(self.channels, window)
        for start in range(0, window, self.lanes):
            square = [code.load(self.vector, place, (start + r) * self.lanes) for r in range(self.lanes)]
            at = self.index((1, out), (self.channels, channel), (window, start))
            self.put_rows(square, out, (self.arrays[2], at, step), self.mask(whole(window - start)))
