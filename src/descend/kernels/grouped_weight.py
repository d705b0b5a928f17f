"""The gradient of the weights of a convolution in many small groups: as `kernels.grouped`, result channels are lanes.

    for each register of result channels, each channel that they see       no sum is divided among threads
        for each image, each block of lines
            bring in the cotangents and the channel, [pixel][lane]
            for each tile of taps
                sums[tap] += inputs x cotangents                            lane by lane
        write the sums, transposed, as rows of the result

Arguments: the number of images; images, cotangents, result; room for what is brought in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from descend.kernels.code import Term, whole
from descend.kernels.described import WeightGradient
from descend.kernels.grouped import AT_ONCE, Lanewise, Seen
from descend.kernels.once import once
from descend.kernels.tile import SIZES


@dataclass(frozen=True)
class GroupedWeight(Lanewise, WeightGradient):
    """The gradient of the weights: images, cotangents, result."""

    symbol: ClassVar = "grouped_weight"

    @property
    def padded(self) -> int:
        """Numbers of a block of images, with room for whole squares."""
        return (math.prod(self.block.sizes) + self.lanes) * self.lanes

    @property
    def cotangents(self) -> int:
        """Numbers of a block of cotangents, with room for whole squares."""
        deep, _, wide = self.layout.result
        return (deep * self.block.lines * wide + self.lanes) * self.lanes

    @property
    def sums(self) -> int:
        """Numbers of the sums, with room for whole squares."""
        return (self.geometry.taps + self.lanes) * self.lanes

    @property
    def room(self) -> int:
        """Bytes that a thread needs."""
        return (self.padded + self.cotangents + self.sums) * SIZES[self.kind] + 64

    @once
    def source(self) -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, self.symbol).code.text()


class _Writer(Seen):
    def __init__(self, grouped: GroupedWeight, name: str) -> None:
        super().__init__(name, grouped.kind, grouped.vector_bytes)
        self.grouped, self.g, self.block, code = grouped, grouped.layout, grouped.block, self.code
        self.images, self.x, self.cotangent, self.w = code.number(0), *map(code.pointer, (1, 2, 3))
        self.halo = self.room(4, whole(grouped.room))
        self.packed = code.address(self.kind, self.halo, grouped.padded)
        self.sums = code.address(self.kind, self.packed, grouped.cotangents)
        first, last = self.share(whole(grouped.registers * self.g.channels))
        with code.loop(first, last) as item:
            register, number = self.cut(item, self.g.channels)
            code.clear(self.kind, self.sums, grouped.sums)
            with code.loop(0, self.images) as image, code.loop(0, self.g.count[1], self.block.lines) as top:
                self._add_block(image, (register, number), top)
            self._write(register, number)

    def _lanes(self, register: Term) -> list[Term]:
        """The result channel of each lane; those that are not there are copies of the last one."""
        code, last = self.code, whole(self.grouped.results - 1)
        return [self.smaller(code.add(code.mul(register, self.lanes), lane), last) for lane in range(self.lanes)]

    def _add_block(self, image: Term, item: tuple[Term, Term], top: Term) -> None:
        """Add the sums over the pixels of a block of lines."""
        code, g, (register, number) = self.code, self.g, item
        lines = self.smaller(whole(self.block.lines), code.binary("sub", whole(g.count[1]), top))
        lanes, first = self._lanes(register), code.mul(image, self.grouped.results)
        count = self.grouped.geometry.groups * g.channels
        seen = [code.add(code.mul(self.cut(lane, g.out)[0], g.channels), number) for lane in lanes]
        channels = [code.add(code.mul(image, count), channel) for channel in seen]
        images = [code.address(self.kind, self.x, code.mul(channel, math.prod(g.size))) for channel in channels]
        self.bring_in(images, self.halo, self.block, top, lines)
        self._pack([code.add(first, lane) for lane in lanes], top, lines)
        places = [self.block.distance(place) for _, place in g.phases[0].taps]
        for start in range(0, len(places), AT_ONCE):
            self._add_taps(start, places[start : start + AT_ONCE], lines)

    def _pack(self, channels: list[Term], top: Term, lines: Term) -> None:
        """The cotangents of a block as [z][y][x][lane]."""
        code, (deep, high, wide) = self.code, self.g.result
        pixels = code.mul(lines, wide)
        with code.loop(0, deep) as z:
            begin = code.mul(code.add(code.mul(z, high), top), wide)
            starts = [code.add(code.mul(channel, deep * high * wide), begin) for channel in channels]
            bases = [code.address(self.kind, self.cotangent, start) for start in starts]
            target = code.address(self.kind, self.packed, code.mul(code.mul(z, pixels), self.lanes))
            self.transpose_rows(bases, pixels, (target, 0, self.lanes))

    def _add_taps(self, begin: int, places: list[int], lines: Term) -> None:
        """For each tap at these places, the sum over pixels of input times cotangent."""
        code, (deep, _, wide), move = self.code, self.g.result, self.g.move
        sums = [code.variable(Term(self.vector, "zeroinitializer")) for _ in places]
        layer, line = (self.block.distance(step) for step in ((move[0], 0, 0), (0, move[1], 0)))
        with code.loop(0, deep) as z, code.loop(0, lines) as y, code.loop(0, wide) as x:
            corner = code.add(code.add(code.mul(z, layer), code.mul(y, line)), code.mul(x, move[2]))
            pixel = code.add(code.mul(code.add(code.mul(z, lines), y), wide), x)
            cotangent = code.load(self.vector, self.packed, code.mul(pixel, self.lanes))
            for place, value in zip(places, sums, strict=True):
                seen = code.load(self.vector, self.halo, code.mul(code.add(corner, place), self.lanes))
                value.set(code.fma(seen, cotangent, value.get()))
        for i, value in enumerate(sums):
            before = code.load(self.vector, self.sums, (begin + i) * self.lanes)
            code.store(code.binary("fadd", before, value.get()), self.sums, (begin + i) * self.lanes)

    def _write(self, register: Term, number: Term) -> None:
        """The sums, [tap][lane], as rows of the result."""
        code, g, taps = self.code, self.g, self.grouped.geometry.taps
        with code.loop(0, taps, self.lanes) as tap:
            rows = [code.mul(code.add(tap, r), self.lanes) for r in range(self.lanes)]
            inside = self.mask(code.binary("sub", whole(taps), tap))
            for lane, row in enumerate(self.transposed([code.load(self.vector, self.sums, at) for at in rows])):
                channel = code.add(code.mul(register, self.lanes), lane)
                place = code.mul(code.add(code.mul(channel, g.channels), number), taps)
                with code.when(code.compare("slt", channel, whole(self.grouped.results))):
                    self.put(row, self.w, code.add(place, tap), inside)
