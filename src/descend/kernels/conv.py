"""The convolution and the gradient of its input without im2col: a tile of registers, and addresses in place of copies.

For each tap the inputs of a tile of pixels lie at fixed distances from one address. A table says where each tap of each
channel lies. So the convolution is the inner loop of a matrix product whose left matrix is never written down:

    for each group, its weights packed once
        for each block: some small images, or some lines of a large one
            for each panel of output channels
                for each phase, for each stretch of its taps        what is read then stays in the first cache
                    for each tile of pixels
                        sums[pixel][output channel] += pixels x weights
                write the sums, transposed, as lines of each channel

`kernels.geometry` says what a phase is: the convolution has one, the gradient of its input one for each place modulo
the stride. Sizes are part of the kernel. Arguments: the number of images; images, weights, result (or cotangents,
weights, gradient); room for packing. Images and cotangents are (n, c, d, h, w), weights (o, c, kd, kh, kw).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import ClassVar

from descend.kernels.code import Term, Variable, whole
from descend.kernels.described import Convolution
from descend.kernels.geometry import Pair
from descend.kernels.halo import Halo
from descend.kernels.once import once
from descend.kernels.tile import ACROSS, SIZES, SOON, Sums

STRETCH = 128  # taps of channels, whose weights stay in the first cache
PIXELS = 256  # in a block, whose sums stay in the second cache
NUMBERS = 1 << 16  # of the padded images of a block: as above
OVERHEAD = 1.5  # of a tile beside its pixels: in the time that one of them takes

Terms = tuple[Term, Term]


@dataclass(frozen=True)
class Conv(Convolution):
    """The convolution, or where it is `turned` the gradient of its input."""

    symbol: ClassVar = "conv"

    @property
    def columns(self) -> int:
        """Output channels in a panel."""
        return ACROSS * self.lanes

    @property
    def depth(self) -> int:
        """Taps of all channels: rows of a packed panel."""
        return self.layout.channels * self.geometry.taps

    @property
    def panels(self) -> int:
        """Panels of output channels."""
        return -(-self.layout.out // self.columns)

    @cached_property
    def tile(self) -> Pair:
        """Lines and pixels of a line in a tile: what covers a phase fastest."""
        most = most_rows(self.vector_bytes)
        shapes = [(lines, pixels) for lines in range(1, most + 1) for pixels in range(1, most // lines + 1)]
        return min(shapes, key=lambda shape: math.prod(self._tiles(shape)) * (math.prod(shape) + OVERHEAD))

    def _tiles(self, shape: Pair) -> Pair:
        _, lines, pixels = self.layout.count
        return -(-lines // shape[0]), -(-pixels // shape[1])

    @property
    def tiles(self) -> Pair:
        """Tiles down and across a phase."""
        return self._tiles(self.tile)

    @property
    def wide(self) -> int:
        """Pixels in a line of sums: those of the result, and what tiles are larger."""
        return self.tiles[1] * self.tile[1] * self.layout.step[2]

    @property
    def band(self) -> int:
        """Lines of tiles in a block."""
        line = self.layout.step[0] * self.tile[0] * self.layout.step[1] * self.wide
        return min(self.tiles[0], max(1, PIXELS // line))

    @property
    def high(self) -> int:
        """Lines of sums in a block, of each image."""
        return self.band * self.tile[0] * self.layout.step[1]

    @property
    def together(self) -> int:
        """Images in a block."""
        if self.band < self.tiles[0]:
            return 1
        held = self.layout.step[0] * self.high * self.wide
        return max(1, min(PIXELS // held, NUMBERS // (self.layout.channels * self.layout.plane)))

    @property
    def is_plain(self) -> bool:
        """Whether images can be read where they are: nothing around them is looked at."""
        exact = tuple(n * m for n, m in zip(self.tiles, self.tile, strict=True)) == self.layout.count[1:]
        return exact and self.layout.padded == self.layout.size

    @property
    def packed(self) -> int:
        """Numbers of the packed weights, with room for whole squares."""
        return self.panels * (self.depth + self.columns) * self.columns

    @property
    def padded(self) -> int:
        """Numbers of the padded images, and of what tiles see behind the last one."""
        g = self.layout
        last = (g.count[0] - 1, *(n * m - 1 for n, m in zip(self.tiles, self.tile, strict=True)))
        behind = g.distance((last[0] * g.move[0], last[1] * g.move[1], last[2] * g.move[2])) - g.plane + 1
        reach = max((g.distance(place) for phase in g.phases for _, place in phase.taps), default=0)
        return self.together * g.channels * g.plane + max(0, behind + reach)

    @property
    def sums(self) -> int:
        """Numbers of the sums of a block, with room for whole squares."""
        return (self.together * self.layout.step[0] * self.high * self.wide + self.columns) * self.columns

    @property
    def room(self) -> int:
        """Bytes that a thread needs."""
        return (self.packed + self.padded + self.sums) * SIZES[self.kind] + 64

    @once
    def source(self) -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, self.symbol).code.text()


def most_rows(vector_bytes: int) -> int:
    """Rows of a tile whose sums, with two vectors a row, leave a few registers free."""
    return 14 if vector_bytes == 64 else 6


class _Writer(Halo):
    def __init__(self, conv: Conv, name: str) -> None:
        super().__init__(name, conv.kind, conv.vector_bytes)
        self.conv, self.g, code = conv, conv.layout, self.code
        self.images, self.x, self.w, self.y = code.number(0), code.pointer(1), code.pointer(2), code.pointer(3)
        self.packed = self.room(4, whole(conv.room))
        self.halo = code.address(self.kind, self.packed, conv.packed)
        self.sums = code.address(self.kind, self.halo, conv.padded)
        self.panel_size = conv.packed // conv.panels
        self._tables()
        if not conv.is_plain:
            code.clear(self.kind, self.halo, conv.padded)
        with code.loop(0, conv.geometry.groups) as group:
            self._pack(group)
            self._images(group)

    def _tables(self) -> None:
        """Where each tap of each channel lies; the first row and the rows of each phase; where its results begin."""
        g, code = self.g, self.code
        depths = [g.channels * len(phase.taps) for phase in g.phases]
        places = [
            c * g.plane + g.distance(place) for phase in g.phases for c in range(g.channels) for _, place in phase.taps
        ]
        self.places, self.depths = code.table(places or [0]), code.table(depths)
        self.starts = code.table([0, *accumulate(depths)][:-1])
        self.firsts = code.table([self._pixel(phase.first) for phase in g.phases])

    def _pixel(self, place: tuple[int, ...]) -> int:
        """Where a result lies among the sums of its block."""
        return (place[0] * self.conv.high + place[1]) * self.conv.wide + place[2]

    # Weights.

    def _pack(self, group: Term) -> None:
        """Panels of output channels, [tap of channel][output channel], phase by phase."""
        code, conv = self.code, self.conv
        weights = code.address(self.kind, self.w, code.mul(group, self.g.out * conv.depth))
        with code.loop(0, conv.panels) as panel:
            target = code.address(self.kind, self.packed, code.mul(panel, self.panel_size))
            for v in range(ACROSS):
                first = code.add(code.mul(panel, self.columns), v * self.lanes)
                if conv.turned:
                    self._turn(weights, first, code.address(self.kind, target, v * self.lanes))
                else:
                    source, along = (weights, whole(conv.depth), whole(self.g.out)), (whole(0), whole(conv.depth))
                    self.transpose(source, first, along, (target, v * self.lanes, self.columns))

    def _turn(self, weights: Term, first: Term, target: Term) -> None:
        """Weights of (c, o, taps): the taps of a channel, transposed, go to the rows of their phases."""
        code, taps = self.code, self.conv.geometry.taps
        rows, steps = (code.table(numbers) for numbers in self._rows())
        square = code.room(self.kind, (taps + self.lanes) * self.lanes)
        with code.loop(0, self.g.channels) as c:
            source = code.address(self.kind, weights, code.mul(c, self.g.out * taps))
            along = (whole(0), whole(taps))
            self.transpose((source, whole(taps), whole(self.g.out)), first, along, (square, 0, self.lanes))
            with code.loop(0, taps) as tap:
                step = code.load("i64", steps, tap, plain=True)
                row = code.add(code.load("i64", rows, tap, plain=True), code.mul(c, step))
                value = code.load(self.vector, square, code.mul(tap, self.lanes))
                code.store(value, target, code.mul(row, self.columns))

    def _rows(self) -> tuple[list[int], list[int]]:
        """For each tap its row in a panel, and how far it is from there to that of the next channel.

        Where there are fewer pixels than a stride, some taps are in no phase: they go behind all others.
        """
        taps, used = self.conv.geometry.taps, sum(len(phase.taps) for phase in self.g.phases)
        rows, steps, start = [self.g.channels * used] * taps, [0] * taps, 0
        for phase in self.g.phases:
            for i, (tap, _) in enumerate(phase.taps):
                rows[tap], steps[tap] = start + i, len(phase.taps)
            start += self.g.channels * len(phase.taps)
        return rows, steps

    # Blocks.

    def _images(self, group: Term) -> None:
        """Every image of a group. Images of one group lie between those of the others."""
        code, conv, g = self.code, self.conv, self.g
        first, last = self.share(self.images)
        with code.loop(first, last, conv.together) as n:
            held = self.smaller(whole(conv.together), code.binary("sub", last, n))
            source, step = self._source(n, held, group)
            with code.loop(0, g.count[0]) as z, code.loop(0, conv.tiles[0], conv.band) as line:
                lines = self.smaller(whole(conv.band), code.binary("sub", whole(conv.tiles[0]), line))
                down = g.distance((0, g.move[1] * conv.tile[0], 0))
                corner = code.add(code.mul(z, g.distance((g.move[0], 0, 0))), code.mul(line, down))
                pixels = code.address(self.kind, source, corner)
                with code.loop(0, conv.panels) as panel:
                    self._add_phases(panel, (pixels, step, held), lines)
                    self._write(panel, (self._plane(n, group), held), (z, line, lines))

    def _plane(self, image: Term, group: Term) -> Term:
        return self.code.add(self.code.mul(image, self.conv.geometry.groups), group)

    def _source(self, n: Term, held: Term, group: Term) -> tuple[Term, int]:
        """Where the images from number n on can be read, padded, and how far it is from one to the next."""
        code, g, groups = self.code, self.g, self.conv.geometry.groups
        size = g.channels * math.prod(g.size)
        images = code.address(self.kind, self.x, code.mul(self._plane(n, group), size))
        if self.conv.is_plain:
            return images, groups * size
        with code.loop(0, held) as i:
            image = code.address(self.kind, images, code.mul(i, groups * size))
            target = code.address(self.kind, self.halo, code.mul(i, g.channels * g.plane))
            self.surround(image, target, whole(g.channels), g.size, g.pads)
        return self.halo, g.channels * g.plane

    def _add_phases(self, panel: Term, source: tuple[Term, int, Term], lines: Term) -> None:
        """The sums of a block, for one panel of output channels."""
        code = self.code
        weights = code.address(self.kind, self.packed, code.mul(panel, self.panel_size))
        with code.loop(0, len(self.g.phases)) as phase:
            start, depth, first = (code.load("i64", t, phase, plain=True) for t in
                                   (self.starts, self.depths, self.firsts))  # fmt: skip
            one = code.select(code.compare("eq", depth, whole(0)), whole(1), depth)  # no taps: zeros are written too
            with code.loop(0, one, STRETCH) as k:
                stretch = code.add(start, k), code.add(start, self.smaller(code.add(k, STRETCH), depth))
                self._add_stretch(weights, source, lines, stretch, (first, code.compare("ne", k, whole(0))))

    def _add_stretch(
        self, weights: Term, source: tuple[Term, int, Term], lines: Term, stretch: Terms, target: Terms
    ) -> None:
        """Every tile of a phase, for a stretch of its taps."""
        code, conv, g, (pixels, step, held) = self.code, self.conv, self.g, source
        down, right = (n * far for n, far in zip(conv.tile, g.step[1:], strict=True))
        with code.loop(0, held) as i, code.loop(0, lines) as y, code.loop(0, conv.tiles[1]) as x:
            corner = code.add(code.mul(i, step), code.mul(y, g.distance((0, g.move[1] * conv.tile[0], 0))))
            corner = code.add(corner, code.mul(x, g.move[2] * conv.tile[1]))
            place = code.add(code.mul(i, self._pixel((g.step[0], 0, 0))), code.mul(y, self._pixel((0, down, 0))))
            place = code.add(code.add(target[0], place), code.mul(x, right))
            sums = self._sums_so_far(place, target[1])
            self._add_taps(sums, code.address(self.kind, pixels, corner), weights, stretch)
            for at, value in self._each(place, sums):
                code.store(value.get(), self.sums, at)

    def _each(self, place: Term, sums: Sums) -> list[tuple[Term, Variable]]:
        """Where each vector of a tile lies among the sums of its block."""
        code, (_, pixels), (_, down, right) = self.code, self.conv.tile, self.g.step
        base, found = code.mul(place, self.columns), []
        for r, row in enumerate(sums):
            pixel = self._pixel((0, r // pixels * down, r % pixels * right))
            for v, value in enumerate(row):
                found.append((code.add(base, pixel * self.columns + v * self.lanes), value))
        return found

    def _sums_so_far(self, place: Term, later: Term) -> Sums:
        """Zeros before the first stretch of taps."""
        sums = self.zeros(math.prod(self.conv.tile))
        with self.code.when(later):
            for at, value in self._each(place, sums):
                value.set(self.code.load(self.vector, self.sums, at))
        return sums

    def _add_taps(self, sums: Sums, pixels: Term, weights: Term, stretch: Terms) -> None:
        """The innermost loop: the pixels of a tile, seen at one tap, times its weights."""
        code, g, (lines, across) = self.code, self.g, self.conv.tile
        offsets = [g.distance((0, y * g.move[1], x * g.move[2])) for y in range(lines) for x in range(across)]
        with code.loop(*stretch) as k:
            tap = code.address(self.kind, pixels, code.load("i64", self.places, k, plain=True))
            self.multiply(sums, tap, offsets, code.address(self.kind, weights, code.mul(k, self.columns)))

    # Results.

    def _write(self, panel: Term, images: Terms, block: tuple[Term, Term, Term]) -> None:
        """The sums of a block, [pixel][channel], as lines of each channel of the result."""
        code, conv, g, (z, line, lines), (plane, held) = self.code, self.conv, self.g, block, images
        down = conv.tile[0] * g.step[1]
        top = code.mul(line, down)
        there = self.smaller(code.mul(lines, down), code.binary("sub", whole(g.result[1]), top))
        start = code.mul(panel, self.columns)
        with code.loop(0, held) as i, code.loop(0, g.step[0]) as layer:
            deep = code.add(code.mul(z, g.step[0]), layer)
            with code.when(code.compare("slt", deep, whole(g.result[0]))):
                channel = code.add(code.mul(code.add(plane, code.mul(i, conv.geometry.groups)), g.out), start)
                at = code.add(code.mul(code.add(code.mul(channel, g.result[0]), deep), g.result[1]), top)
                first = code.mul(code.add(code.mul(i, g.step[0]), layer), conv.high)
                self._write_lines(start, first, code.mul(at, g.result[2]), there)

    def _write_lines(self, start: Term, first: Term, at: Term, lines: Term) -> None:
        """Lines of the sums from number `first` on, to element `at` of the result. Side by side, they are as one."""
        code, width, wide = self.code, self.g.result[2], self.conv.wide
        as_one = width == wide
        length = code.mul(lines, width) if as_one else whole(width)
        with code.loop(0, whole(1) if as_one else lines) as y, code.loop(0, length, self.lanes) as x:
            pixel = code.add(code.mul(code.add(first, y), wide), x)
            place = code.add(at, code.add(code.mul(y, width), x))
            self._write_square(start, pixel, place, self.mask(code.binary("sub", length, x)))

    def _write_square(self, start: Term, pixel: Term, place: Term, inside: Term) -> None:
        code, plane = self.code, math.prod(self.g.result)
        base = code.mul(pixel, self.columns)
        for v in range(ACROSS):
            rows = [code.add(base, r * self.columns + v * self.lanes) for r in range(self.lanes)]
            for lane, pixels in enumerate(self.transposed([code.load(self.vector, self.sums, row) for row in rows])):
                channel = v * self.lanes + lane
                self.fetch(self.y, code.add(place, channel * plane + SOON * self.lanes), write=True)
                with code.when(code.compare("slt", code.add(start, channel), whole(self.g.out))):
                    self.put(pixels, self.y, code.add(place, channel * plane), inside)
