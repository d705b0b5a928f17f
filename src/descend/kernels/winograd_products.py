"""What the convolution and the gradient of its input have in common: weights in the other basis, and the products."""

from __future__ import annotations

from collections.abc import Iterator

from descend.kernels.blocks import Blocks
from descend.kernels.code import FLOAT, Term, whole
from descend.kernels.cut import Cut
from descend.kernels.tile import Sums


class Products(Blocks):
    """Sums over channels of inputs times weights, for each frequency."""

    def __init__(self, name: str, cut: Cut) -> None:
        super().__init__(name, cut)
        code, group = self.code, cut.phases if cut.what == "back" else 1
        first, last = self.part(self.parts(self.panel_count, group), self.apart)
        self.mine = code.mul(first, group), self.smaller(code.mul(last, group), self.panel_count)
        self.shared = self.part(self.images, code.compare("eq", self.given["apart"], whole(0)))

    def enter_weights(self, first: Term, channel: Term) -> None:
        """The weights of one channel and a register of output channels from `first` on, in the other basis."""
        code, window, turned = self.code, self.cut.window, self.cut.what != "conv"
        place = code.room(FLOAT, (window + self.lanes) * self.lanes)
        size = whole(window)
        base = code.address(FLOAT, self.arrays[1], self.size(channel, self.out if turned else 1, window))
        source = (base, size if turned else self.size(self.channels, window), self.out)
        self.transpose(source, first, (whole(0), size), (place, 0, self.lanes))
        step = self.size(self.channel_room, self.columns)
        with self.each_phase() as (phase, tap):
            base = self._weight_of(first, channel, phase)

            def read(i: int, j: Term) -> Term:
                number = tap(i, j)
                if self.cut.what == "turned":
                    number = code.binary("sub", whole(window - 1), number)
                return code.load(self.vector, place, code.mul(number, self.lanes))

            def write(i: Term, j: int, value: Term) -> None:
                code.store(value, self.weights, self.frequency(i, j, step, base))

            self.sandwich(self.change.kernel, read, write)

    def _weight_of(self, first: Term, channel: Term, phase: Term) -> Term:
        """Where the weights of a phase begin."""
        row, column = channel, first
        if self.cut.what == "back":
            column = self.place(first, phase)
        else:
            row = self.place(channel, phase)
        panel, lane = self.divided(column, self.columns)
        return self.code.add(self.weight_at(panel, whole(0), row), lane)

    def multiply_all(self, panel: Term, tiles: Term) -> None:
        """For each frequency and tile, the sum over channels of inputs times weights."""
        code, rows = self.code, self.cut.at_once
        with code.loop(0, self.count) as f, code.loop(0, tiles, rows) as t:
            sums = self.zeros(rows)
            with code.loop(0, self.blocks) as block:
                weights = code.address(FLOAT, self.weights, self.weight_at(panel, f, code.mul(block, self.lanes)))
                inputs = code.address(FLOAT, self.inputs, self.input_at(f, block, t))
                with code.loop(0, self._filled(block)) as c:
                    row = code.address(FLOAT, weights, code.mul(c, self.columns))
                    offsets = [r * self.lanes for r in range(rows)]
                    self.multiply(sums, code.address(FLOAT, inputs, c), offsets, row)
            at = self.sum_at(f, t)
            for r, v, part in numbered(sums):
                code.store(part, self.sums, code.add(at, r * self.columns + v * self.lanes))

    def _filled(self, block: Term) -> Term:
        """How many lanes of a block are channels."""
        start = self.code.mul(self.divided(block, self.seen)[0], self.lanes)
        return self.smaller(whole(self.lanes), self.code.binary("sub", self.channels, start))


def numbered(sums: Sums) -> Iterator[tuple[int, int, Term]]:
    """Row, vector and value of each part of a tile."""
    for r, row in enumerate(sums):
        for v, part in enumerate(row):
            yield r, v, part.get()
