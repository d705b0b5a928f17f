"""The convolution into few channels, and the gradient of an input of few channels: neighbouring pixels are lanes.

`kernels.conv` fills its registers with output channels. Where there are few of these, the same tile of sums is turned
around: a weight is multiplied with registers full of pixels. They lie side by side, and from one line to the next too,
if what lies between, which is padding, is computed with them and then left out. So an image is one long line:

    for each image, padded
        for each few output channels, each phase, each tile of pixels
            for each tap of each channel: sums[output channel][pixel] += weight x pixels
        write the sums of what is no padding, those of several phases in turns

`kernels.geometry` says what a phase is. Results that are neighbours must see neighbours: the stride is 1, or this is
the way back. Sizes are part of the kernel. Arguments as in `kernels.conv`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from descend.kernels.code import Term, Variable, whole
from descend.kernels.described import Convolution
from descend.kernels.geometry import Phase
from descend.kernels.halo import Halo
from descend.kernels.once import once
from descend.kernels.tile import ACROSS, SIZES

MOST = 8  # output channels in a tile, and registers of pixels
WORTH = 0.8  # of its lanes, compared to those of `kernels.conv`


@dataclass(frozen=True)
class ConvFew(Convolution):
    """The convolution, or where it is `turned` the gradient of its input. There is one group."""

    symbol: ClassVar = "conv_few"

    @property
    def pays(self) -> bool:
        """Whether it can be used, and leaves fewer lanes empty than `kernels.conv`."""
        g, columns = self.layout, ACROSS * self.lanes
        theirs = g.out / (-(-g.out // columns) * columns)
        return self.geometry.groups == 1 and set(g.move) == {1} and WORTH * math.prod(g.count) / self.span > theirs

    @property
    def rows(self) -> int:
        """Output channels in a tile: nearly as many in all of them."""
        return -(-self.layout.out // -(-self.layout.out // MOST))

    @property
    def vectors(self) -> int:
        """Registers of pixels in a tile: what the others leave free."""
        registers = 30 if self.vector_bytes == 64 else 15
        return max(1, min(MOST, (registers - 1) // (self.rows + 1)))

    @property
    def span(self) -> int:
        """From the first pixel of a phase to its last one, and on to the end of a tile."""
        last = self.layout.distance(tuple(n - 1 for n in self.layout.count))
        tile = self.vectors * self.lanes
        return (last + tile) // tile * tile

    @property
    def padded(self) -> int:
        """Numbers of a padded image, and of what tiles see behind it."""
        g = self.layout
        reach = max((g.distance(place) for phase in g.phases for _, place in phase.taps), default=0)
        return max(g.channels * g.plane, (g.channels - 1) * g.plane + reach + self.span)

    @property
    def sums(self) -> int:
        """Numbers of the sums of an image."""
        return self.layout.out * len(self.layout.phases) * self.span

    @property
    def room(self) -> int:
        """Bytes that a thread needs."""
        return (self.padded + self.sums) * SIZES[self.kind] + 64

    @once
    def source(self) -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, self.symbol).code.text()


class _Writer(Halo):
    def __init__(self, conv: ConvFew, name: str) -> None:
        super().__init__(name, conv.kind, conv.vector_bytes)
        self.conv, self.g, code = conv, conv.layout, self.code
        images, self.x, self.w, self.y = code.number(0), code.pointer(1), code.pointer(2), code.pointer(3)
        self.halo = self.room(4, whole(conv.room))
        self.sums = code.address(self.kind, self.halo, conv.padded)
        code.clear(self.kind, self.halo, conv.padded)
        first, last = self.share(images)
        with code.loop(first, last) as n:
            size = self.g.channels * math.prod(self.g.size)
            image = code.address(self.kind, self.x, code.mul(n, size))
            self.surround(image, self.halo, whole(self.g.channels), self.g.size, self.g.pads)
            for number, phase in enumerate(self.g.phases):
                self._add_phase(number, phase)
            self._write(n)

    def _tables(self, phase: Phase) -> tuple[Term, Term]:
        """For each tap of each channel, where its pixels and its weights begin."""
        g, taps = self.g, self.conv.geometry.taps
        step = g.out * taps if self.conv.turned else taps
        places = [c * g.plane + g.distance(place) for c in range(g.channels) for _, place in phase.taps]
        weights = [c * step + tap for c in range(g.channels) for tap, _ in phase.taps]
        return self.code.table(places or [0]), self.code.table(weights or [0])

    def _sums_at(self, number: int) -> int:
        """Where the sums of a phase begin; those of a channel lie `span` after each other."""
        return number * self.g.out * self.conv.span

    def _add_phase(self, number: int, phase: Phase) -> None:
        code, conv, g = self.code, self.conv, self.g
        places, weights = self._tables(phase)
        far = conv.geometry.taps * (1 if conv.turned else g.channels)  # from the weights of a result to the next one's
        with code.loop(0, -(-g.out // conv.rows)) as panel, code.loop(0, conv.span, conv.vectors * self.lanes) as pixel:
            start = self.smaller(
                code.mul(panel, conv.rows), whole(g.out - conv.rows)
            )  # the last ones twice, if need be
            zero = Term(self.vector, "zeroinitializer")
            sums = [[code.variable(zero) for _ in range(conv.vectors)] for _ in range(conv.rows)]
            source = code.address(self.kind, self.halo, pixel)
            factors = code.address(self.kind, self.w, code.mul(start, far))
            with code.loop(0, g.channels * len(phase.taps)) as k:
                seen = code.address(self.kind, source, code.load("i64", places, k, plain=True))
                at = code.address(self.kind, factors, code.load("i64", weights, k, plain=True))
                self._multiply(sums, seen, at, far)
            self._store(sums, code.add(code.mul(start, conv.span), code.add(pixel, self._sums_at(number))))

    def _multiply(self, sums: list[list[Variable]], pixels: Term, weights: Term, far: int) -> None:
        code = self.code
        seen = [code.load(self.vector, pixels, v * self.lanes) for v in range(self.conv.vectors)]
        for r, row in enumerate(sums):
            weight = code.splat(code.load(self.kind, weights, r * far), self.lanes)
            for place, part in zip(row, seen, strict=True):
                place.set(code.fma(weight, part, place.get()))

    def _store(self, sums: list[list[Variable]], at: Term) -> None:
        for r, row in enumerate(sums):
            for v, part in enumerate(row):
                self.code.store(part.get(), self.sums, self.code.add(at, r * self.conv.span + v * self.lanes))

    def _write(self, n: Term) -> None:
        """Lines of the result from those of the sums."""
        code, g, (_, rows, columns) = self.code, self.g, self.g.result
        for number, phase in enumerate(g.phases):
            deep, high, wide = (-(-(n - a) // s) for n, a, s in zip(g.result, phase.first, g.step, strict=True))
            with code.loop(0, g.out) as o, code.loop(0, deep) as z, code.loop(0, high) as y:
                channel = code.add(code.mul(code.add(code.mul(n, g.out), o), g.result[0]), phase.first[0])
                line = code.add(code.mul(code.add(channel, code.mul(z, g.step[0])), rows), phase.first[1])
                start = code.mul(code.add(line, code.mul(y, g.step[1])), columns)
                read = code.add(code.mul(o, self.conv.span), self._sums_at(number))
                read = code.add(read, code.mul(z, g.distance((1, 0, 0))))
                self._write_line(
                    code.add(read, code.mul(y, g.distance((0, 1, 0)))), code.add(start, phase.first[2]), wide
                )

    def _write_line(self, read: Term, written: Term, wide: int) -> None:
        code, step = self.code, self.g.step[2]
        source, target = code.address(self.kind, self.sums, read), code.address(self.kind, self.y, written)
        if step == 1:
            code.copy(self.kind, target, source, wide)
            return
        with code.loop(0, wide, parallel=True) as x:
            code.store(code.load(self.kind, source, x), target, code.mul(x, step))
