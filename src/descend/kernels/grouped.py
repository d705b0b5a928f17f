"""Convolutions in many small groups, depthwise ones above all: channels that do not see each other are lanes.

A register holds one pixel of as many result channels as it has lanes, whatever groups these belong to. Another one
holds what these see; with several input channels in a group, they come one after the other.

    for each image, each register of result channels, each block of lines
        for each channel that a result sees                 one, where the convolution is depthwise
            bring it in as [y][x][lane], with zeros around
            for each phase, for each tile of pixels
                sums[pixel] += input[pixel, seen at a tap] * weight[tap]        lane by lane
        write the sums, transposed, as lines of each channel

Sizes are part of the kernel. Arguments as in `kernels.conv`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

from descend.kernels.code import Term, Variable, whole
from descend.kernels.described import Convolution, Described
from descend.kernels.geometry import Layout, Sizes
from descend.kernels.once import once
from descend.kernels.tile import SIZES, Tiles

PIXELS = 256  # of the result in a block: what belongs to them stays in the first cache
AT_ONCE = 12  # registers of sums


@dataclass(frozen=True)
class Block:
    """Some lines of a source, and the room for them with what lies around."""

    layout: Layout

    @property
    def lines(self) -> int:
        """Lines of each phase in a block."""
        step, (deep, high, wide) = math.prod(self.layout.step), self.layout.count
        return min(high, max(1, PIXELS // (deep * wide * step)))

    @property
    def sizes(self) -> Sizes:
        """Depth, lines and columns of the source that a block looks at."""
        deep, _, wide = self.layout.padded
        reach = max((place[1] for phase in self.layout.phases for _, place in phase.taps), default=0)
        return deep, (self.lines - 1) * self.layout.move[1] + reach + 1, wide

    def distance(self, place: Sizes) -> int:
        """How far this place is from the first one."""
        _, lines, columns = self.sizes
        return (place[0] * lines + place[1]) * columns + place[2]


class Lanewise(Described):
    """Of a kernel whose lanes are result channels, whatever groups these belong to.

    In the layout, channels are those that one result sees, `out` those that see the same.
    """

    @property
    def block(self) -> Block:
        """The lines that are looked at together."""
        return Block(self.layout)

    @property
    def results(self) -> int:
        """Result channels."""
        return self.geometry.groups * self.layout.out

    @property
    def registers(self) -> int:
        """Registers of result channels."""
        return -(-self.results // self.lanes)


@dataclass(frozen=True)
class Grouped(Lanewise, Convolution):
    """The convolution, or where it is `turned` the gradient of its input."""

    symbol: ClassVar = "grouped"

    @property
    def depth(self) -> int:
        """Products in a result, were it not for the border and the stride."""
        return self.layout.channels * self.geometry.taps

    @property
    def tile(self) -> int:
        """Pixels of a line that are computed at once: as many as are needed to cover the line evenly."""
        width = self.layout.count[2]
        return -(-width // -(-width // AT_ONCE))

    @property
    def tiles(self) -> int:
        """Tiles across a phase."""
        return -(-self.layout.count[2] // self.tile)

    @property
    def sums_sizes(self) -> Sizes:
        """Depth, lines and columns of the sums of a block: those of the result, and what tiles are larger."""
        deep, high, wide = self.layout.step
        return deep * self.layout.count[0], high * self.block.lines, wide * self.tiles * self.tile

    @property
    def packed(self) -> int:
        """Numbers of the packed weights, with room for whole squares."""
        return self.registers * (self.depth + self.lanes) * self.lanes

    @property
    def padded(self) -> int:
        """Numbers of a block of the source, and of what squares and tiles have behind it."""
        behind = (self.tile + 1) * self.layout.move[2] * self.tiles + self.lanes
        return (math.prod(self.block.sizes) + behind) * self.lanes

    @property
    def sums(self) -> int:
        """Numbers of the sums of a block, with room for whole squares."""
        return (math.prod(self.sums_sizes) + self.lanes) * self.lanes

    @property
    def room(self) -> int:
        """Bytes that a thread needs."""
        return (self.packed + self.padded + self.sums) * SIZES[self.kind] + 64

    @once
    def source(self) -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, self.symbol).code.text()


class Seen(Tiles):
    """Brings in what each lane sees."""

    def cut(self, number: Term, size: int) -> tuple[Term, Term]:
        """A number as a pair: the second below `size`."""
        first = self.code.binary("sdiv", number, whole(size))
        return first, self.code.binary("sub", number, self.code.mul(first, size))

    def lines_seen(self, block: Block, top: Term, lines: Term) -> tuple[Term, Term]:
        """Of the lines that a block looks at, which are in the image: the first, and the one after the last."""
        code, g = self.code, block.layout
        before, moved = g.pads[1][0], code.mul(top, g.move[1])
        end = code.add(code.mul(code.add(lines, -1), g.move[1]), block.sizes[1] - (block.lines - 1) * g.move[1])
        first = code.binary("sub", whole(before), moved)
        first = code.select(code.compare("sgt", first, whole(0)), first, whole(0))
        last = self.smaller(code.binary("sub", whole(before + g.size[1]), moved), end)
        return first, last

    def bring_in(self, images: list[Term], target: Term, block: Block, top: Term, lines: Term) -> None:
        """A block of the image that begins at these addresses, one a lane, as [z][y][x][lane] with zeros around."""
        code, g, (deep, _, width) = self.code, block.layout, block.layout.size
        code.clear(self.kind, target, math.prod(block.sizes) * self.lanes)
        first, last = self.lines_seen(block, top, lines)
        start = code.add(code.mul(top, g.move[1]), -g.pads[1][0])
        with code.loop(0, deep) as z, code.loop(first, last) as y:
            line = code.mul(code.add(code.add(code.mul(z, g.size[1]), start), y), width)
            bases = [code.address(self.kind, image, line) for image in images]
            layer = code.mul(code.add(z, g.pads[0][0]), block.distance((1, 0, 0)))
            at = code.add(code.add(layer, code.mul(y, block.distance((0, 1, 0)))), g.pads[2][0])
            # Registers are written whole: zeros behind the end of a line, where the next line is written later.
            self.transpose_rows(
                bases, whole(width), (code.address(self.kind, target, code.mul(at, self.lanes)), 0, self.lanes)
            )


class _Writer(Seen):
    def __init__(self, grouped: Grouped, name: str) -> None:
        super().__init__(name, grouped.kind, grouped.vector_bytes)
        self.grouped, self.g, self.block, code = grouped, grouped.layout, grouped.block, self.code
        self.images, self.x, self.w, self.y = code.number(0), code.pointer(1), code.pointer(2), code.pointer(3)
        self.packed = self.room(4, whole(grouped.room))
        self.halo = code.address(self.kind, self.packed, grouped.packed)
        self.sums = code.address(self.kind, self.halo, grouped.padded)
        self._tables()
        with code.loop(0, grouped.registers) as register:
            self._pack(register)
        first, last = self.share(code.mul(self.images, grouped.registers))
        with code.loop(first, last) as item:
            image, register = self.cut(item, grouped.registers)
            with code.loop(0, self.g.count[1], self.block.lines) as top:
                self._compute(image, register, top)

    def _tables(self) -> None:
        """Where taps lie, phase by phase; how many come before each phase; where its results begin."""
        code, phases = self.code, self.g.phases
        places = [self.block.distance(place) for phase in phases for _, place in phase.taps]
        self.places = code.table(places or [0])
        self.starts = code.table([0, *accumulate(len(phase.taps) for phase in phases)])
        self.firsts = code.table([self._pixel(phase.first) for phase in phases])
        order = {tap: rank for rank, (tap, _) in enumerate(tap for phase in phases for tap in phase.taps)}
        # Where there are fewer pixels than a stride, some taps are in no phase: they go behind all others.
        self.ranks = code.table([order.get(tap, len(order)) for tap in range(self.grouped.geometry.taps)])

    def _pixel(self, place: Sizes) -> int:
        """Where a result lies among the sums of its block."""
        _, lines, columns = self.grouped.sums_sizes
        return (place[0] * lines + place[1]) * columns + place[2]

    def _seen(self, register: Term, number: Term) -> list[tuple[Term, Term]]:
        """For each lane the channel that it sees as number so many, and its own number among those that see it."""
        code, g, found = self.code, self.g, []
        for lane in range(self.lanes):
            channel = code.add(code.mul(register, self.lanes), lane)
            group, own = self.cut(self.smaller(channel, whole(self.grouped.results - 1)), g.out)
            found.append((code.add(code.mul(group, g.channels), number), own))
        return found

    # Weights.

    def _pack(self, register: Term) -> None:
        """[number of the channel seen][tap, in the order of phases][lane]."""
        code, g, taps = self.code, self.g, self.grouped.geometry.taps
        square = code.room(self.kind, (taps + self.lanes) * self.lanes)
        with code.loop(0, g.channels) as number:
            bases = []
            for channel, own in self._seen(register, number):
                if self.grouped.turned:
                    row = code.add(code.mul(channel, g.out), own)
                else:  # channel is group * channels + number, and the row (group * out + own) * channels + number
                    group = code.binary("sub", channel, number)
                    row = code.add(code.add(code.mul(group, g.out), code.mul(own, g.channels)), number)
                bases.append(code.address(self.kind, self.w, code.mul(row, taps)))
            self.transpose_rows(bases, whole(taps), (square, 0, self.lanes))
            target = self._weights(register, number)
            with code.loop(0, taps) as tap:
                value = code.load(self.vector, square, code.mul(tap, self.lanes))
                rank = code.load("i64", self.ranks, tap, plain=True)
                code.store(value, target, code.mul(rank, self.lanes))

    def _weights(self, register: Term, number: Term) -> Term:
        code, grouped = self.code, self.grouped
        start = code.add(code.mul(register, grouped.depth), code.mul(number, grouped.geometry.taps))
        return code.address(self.kind, self.packed, code.mul(start, self.lanes))

    # Pixels.

    def _compute(self, image: Term, register: Term, top: Term) -> None:
        """A block of lines of the result channels of a register."""
        code, g = self.code, self.g
        lines = self.smaller(whole(self.block.lines), code.binary("sub", whole(g.count[1]), top))
        plane, count = math.prod(g.size), self.grouped.geometry.groups * g.channels
        with code.loop(0, g.channels) as number:
            channels = [code.add(code.mul(image, count), channel) for channel, _ in self._seen(register, number)]
            images = [code.address(self.kind, self.x, code.mul(channel, plane)) for channel in channels]
            self.bring_in(images, self.halo, self.block, top, lines)
            weights, later = self._weights(register, number), code.compare("ne", number, whole(0))
            with code.loop(0, len(g.phases)) as phase:
                self._add_phase(phase, weights, lines, later)
        self._write(image, register, top, lines)

    def _add_phase(self, phase: Term, weights: Term, lines: Term, later: Term) -> None:
        code, g, tile = self.code, self.g, self.grouped.tile
        start, end = (code.load("i64", self.starts, code.add(phase, i), plain=True) for i in (0, 1))
        first = code.load("i64", self.firsts, phase, plain=True)
        with code.loop(0, g.count[0]) as z, code.loop(0, lines) as y, code.loop(0, self.grouped.tiles) as x:
            at = (z, y, code.mul(x, tile))
            corner = self._place(at, [self.block.distance(move) for move in _steps(g.move)])
            pixel = code.add(first, self._place(at, [self._pixel(step) for step in _steps(g.step)]))
            rows = [code.mul(code.add(pixel, r * g.step[2]), self.lanes) for r in range(tile)]
            sums = self._sums_so_far(rows, later)
            with code.loop(start, end) as tap:
                weight = code.load(self.vector, weights, code.mul(tap, self.lanes))
                place = code.add(corner, code.load("i64", self.places, tap, plain=True))
                for r, value in enumerate(sums):
                    index = code.mul(code.add(place, r * g.move[2]), self.lanes)
                    value.set(code.fma(code.load(self.vector, self.halo, index), weight, value.get()))
            for row, value in zip(rows, sums, strict=True):
                code.store(value.get(), self.sums, row)

    def _place(self, at: tuple[Term, Term, Term], steps: list[int]) -> Term:
        code, (z, y, x) = self.code, (self.code.mul(i, step) for i, step in zip(at, steps, strict=True))
        return code.add(code.add(z, y), x)

    def _sums_so_far(self, rows: list[Term], later: Term) -> list[Variable]:
        """Zeros, before the first channel."""
        sums = [self.code.variable(Term(self.vector, "zeroinitializer")) for _ in rows]
        with self.code.when(later):
            for row, value in zip(rows, sums, strict=True):
                value.set(self.code.load(self.vector, self.sums, row))
        return sums

    def _write(self, image: Term, register: Term, top: Term, lines: Term) -> None:
        """The sums, [pixel][lane], as lines of each channel of the result."""
        code, g, results = self.code, self.g, self.grouped.results
        first, width = code.mul(top, g.step[1]), g.result[2]
        there = self.smaller(code.mul(lines, g.step[1]), code.binary("sub", whole(g.result[1]), first))
        start = code.mul(register, self.lanes)
        channel = code.add(code.mul(image, results), start)
        with code.loop(0, g.result[0]) as z, code.loop(0, there) as y, code.loop(0, width, self.lanes) as x:
            base = code.mul(self._place((z, y, x), [self._pixel(step) for step in _steps((1, 1, 1))]), self.lanes)
            line = code.add(code.add(code.mul(code.add(code.mul(channel, g.result[0]), z), g.result[1]), first), y)
            place, inside = code.add(code.mul(line, width), x), self.mask(code.binary("sub", whole(width), x))
            square = [code.load(self.vector, self.sums, code.add(base, r * self.lanes)) for r in range(self.lanes)]
            for lane, pixels in enumerate(self.transposed(square)):
                with code.when(code.compare("slt", code.add(start, lane), whole(results))):
                    self.put(pixels, self.y, code.add(place, lane * math.prod(g.result)), inside)


def _steps(lengths: Sizes) -> Iterator[Sizes]:
    """A step along each axis, by itself."""
    return (tuple(n if i == axis else 0 for i, n in enumerate(lengths)) for axis in range(len(lengths)))
