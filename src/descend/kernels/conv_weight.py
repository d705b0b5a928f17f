"""The gradient of a convolution's weights: for every pixel a column of taps meets a row of cotangents.

    for each group, some panels of output channels, part of the input channels        no sum is divided among threads
        for each block: some small images, or some lines of a large one
            for each panel
                pack the cotangents                             [pixel][output channel]
                for each tile of taps, of one channel or several
                    sums[tap][output channel] += inputs x cotangents
        write the sums, transposed, as rows of the result

The sums of a block are added to those of the blocks before: sums of sums, so that rounding does not grow with the
number of pixels. Arguments: the number of images; images, cotangents, result; room for packing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from typing import ClassVar

from descend.kernels.code import Term, whole
from descend.kernels.conv import NUMBERS, PIXELS, most_rows
from descend.kernels.described import WeightGradient
from descend.kernels.halo import Halo
from descend.kernels.once import once
from descend.kernels.tile import ACROSS, SIZES, Sums

ROWS = 192  # taps of channels in a part: enough that packing the cotangents anew for each does not show
SHARES = 8  # into which the work is divided, for as many threads: with more, images would be brought in more often

Terms = tuple[Term, Term]


@dataclass(frozen=True)
class ConvWeight(WeightGradient):
    """The gradient of the weights: images, cotangents, result."""

    symbol: ClassVar = "conv_weight"

    @cached_property
    def across(self) -> int:
        """Registers in a panel: one where more are not needed, or where a thread would have everything to do."""
        few = self.layout.channels * self.geometry.taps <= ROWS and self.geometry.groups == 1
        return 1 if self.layout.out <= (ACROSS * self.lanes if few else self.lanes) else ACROSS

    @property
    def columns(self) -> int:
        """Output channels in a panel."""
        return self.across * self.lanes

    @property
    def panels(self) -> int:
        """Panels of output channels."""
        return -(-self.layout.out // self.columns)

    @cached_property
    def tiles(self) -> tuple[int, list[tuple[int, list[int]]]]:
        """How many channels are taken at once, and tiles of taps: the number of the first, the places of all.

        Small kernels take several channels into one tile; large ones are cut into tiles of nearly equal size.
        """
        g, most = self.layout, most_rows(self.vector_bytes) * ACROSS // self.across
        taps = [g.distance(place) for _, place in g.phases[0].taps]
        if len(taps) <= most:
            together = max(m for m in range(1, most // len(taps) + 1) if g.channels % m == 0)
            return together, [(0, [c * g.plane + tap for c, tap in product(range(together), taps)])]
        count = -(-len(taps) // most)
        cuts = [len(taps) * i // count for i in range(count + 1)]
        return 1, [(a, taps[a:b]) for a, b in pairwise(cuts)]

    @property
    def part(self) -> int:
        """Input channels in a part."""
        step = self.tiles[0] * self.geometry.taps
        return min(self.layout.channels, -(-ROWS // step) * self.tiles[0])

    @property
    def parts(self) -> int:
        """Parts of the input channels."""
        return -(-self.layout.channels // self.part)

    @property
    def beside(self) -> int:
        """Panels that are computed side by side, so that the images are brought in once for all of them."""
        return max(1, min(self.panels, self.geometry.groups * self.panels * self.parts // SHARES))

    @property
    def band(self) -> int:
        """Lines of pixels in a block."""
        return min(self.layout.result[1], max(1, PIXELS // self.layout.result[2]))

    @property
    def together(self) -> int:
        """Images in a block."""
        lines, width = self.layout.result[1:]
        if self.band < lines:
            return 1
        return max(1, min(PIXELS // (lines * width), NUMBERS // (self.part * self.layout.plane)))

    @property
    def is_plain(self) -> bool:
        """Whether images can be read where they are: there is no padding."""
        return self.layout.padded == self.layout.size

    @property
    def padded(self) -> int:
        """Numbers of the padded images of a block."""
        return 0 if self.is_plain else self.together * self.part * self.layout.plane

    @property
    def packed(self) -> int:
        """Numbers of the packed cotangents, with room for whole squares."""
        return (self.together * self.band * self.layout.result[2] + self.columns) * self.columns

    @property
    def sums(self) -> int:
        """Numbers of the sums of a part and a panel, with room for whole squares."""
        return (self.part * self.geometry.taps + self.columns) * self.columns

    @property
    def room(self) -> int:
        """Bytes that a thread needs."""
        return (self.padded + self.packed + self.beside * self.sums) * SIZES[self.kind] + 64

    @once
    def source(self) -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, self.symbol).code.text()


class _Writer(Halo):
    def __init__(self, conv: ConvWeight, name: str) -> None:
        super().__init__(name, conv.kind, conv.vector_bytes, conv.across)
        self.conv, self.g, code = conv, conv.layout, self.code
        self.images, self.x, self.cotangent, self.w = code.number(0), *map(code.pointer, (1, 2, 3))
        self.halo = self.room(4, whole(conv.room))
        self.packed = code.address(self.kind, self.halo, conv.padded)
        self.totals = code.address(self.kind, self.packed, conv.packed)
        lines = product(range(conv.band), range(self.g.result[2]))
        self.places = code.table([self.g.distance((0, y * self.g.move[1], x * self.g.move[2])) for y, x in lines])
        code.clear(self.kind, self.halo, conv.padded)
        together = -(-conv.panels // conv.beside)
        first, last = self.share(whole(conv.geometry.groups * together * conv.parts))
        with code.loop(first, last) as item:
            panels, part = self._cut(item, conv.parts)
            group, begin = self._cut(panels, together)
            begin = code.mul(begin, conv.beside)
            end = self.smaller(code.add(begin, conv.beside), whole(conv.panels))
            self._part(group, (begin, end), code.mul(part, conv.part))

    def _cut(self, number: Term, size: int) -> Terms:
        """A number as a pair: the second below `size`."""
        first = self.code.binary("sdiv", number, whole(size))
        return first, self.code.binary("sub", number, self.code.mul(first, size))

    def _part(self, group: Term, panels: Terms, channel: Term) -> None:
        """The gradients of the weights of some panels of output channels for a part of the input channels."""
        code, conv, g = self.code, self.conv, self.g
        channels = self.smaller(whole(conv.part), code.binary("sub", whole(g.channels), channel))
        code.clear(self.kind, self.totals, conv.beside * conv.sums)
        with code.loop(0, self.images, conv.together) as n:
            held = self.smaller(whole(conv.together), code.binary("sub", self.images, n))
            image = code.add(code.mul(n, conv.geometry.groups), group)
            source, step = self._source(image, held, channel, channels)
            with code.loop(0, g.result[0]) as z, code.loop(0, g.result[1], conv.band) as line:
                lines = self.smaller(whole(conv.band), code.binary("sub", whole(g.result[1]), line))
                along = code.mul(code.add(code.mul(z, g.result[1]), line), g.result[2]), code.mul(lines, g.result[2])
                corner = code.mul(z, g.distance((g.move[0], 0, 0)))
                corner = code.add(corner, code.mul(line, g.distance((0, g.move[1], 0))))
                pixels = code.address(self.kind, source, corner)
                with code.loop(*panels) as panel:
                    self._pack((image, held), code.mul(panel, self.columns), along)
                    self._add_block(self._totals(panel, panels), (pixels, step, held), channels, along[1])
        with code.loop(*panels) as panel:
            self._write(self._totals(panel, panels), (group, code.mul(panel, self.columns)), (channel, channels))

    def _totals(self, panel: Term, panels: Terms) -> Term:
        """Where the sums of a panel lie."""
        code = self.code
        return code.address(self.kind, self.totals, code.mul(code.binary("sub", panel, panels[0]), self.conv.sums))

    def _source(self, image: Term, held: Term, channel: Term, channels: Term) -> tuple[Term, int]:
        """Where channels of the images can be read, padded, and how far it is from one image to the next."""
        code, g, groups = self.code, self.g, self.conv.geometry.groups
        size = math.prod(g.size)
        begin = code.mul(code.add(code.mul(image, g.channels), channel), size)
        images, step = code.address(self.kind, self.x, begin), groups * g.channels * size
        if self.conv.is_plain:
            return images, step
        with code.loop(0, held) as i:
            source = code.address(self.kind, images, code.mul(i, step))
            target = code.address(self.kind, self.halo, code.mul(i, self.conv.part * g.plane))
            self.surround(source, target, channels, g.size, g.pads)
        return self.halo, self.conv.part * g.plane

    def _pack(self, images: Terms, start: Term, along: Terms) -> None:
        """The cotangents of a panel's channels as [image][pixel][channel]."""
        code, g, plane = self.code, self.g, math.prod(self.g.result)
        with code.loop(0, images[1]) as i:
            image = code.add(images[0], code.mul(i, self.conv.geometry.groups))
            base = code.address(self.kind, self.cotangent, code.mul(image, g.out * plane))
            target = code.address(self.kind, self.packed, code.mul(code.mul(i, along[1]), self.columns))
            for v in range(self.abreast):
                first, place = code.add(start, v * self.lanes), (target, v * self.lanes, self.columns)
                self.transpose((base, whole(plane), whole(g.out)), first, along, place, ahead=whole(self.lanes * plane))

    def _add_block(self, totals: Term, images: tuple[Term, int, Term], channels: Term, pixels: Term) -> None:
        """Add the sums over the pixels of a block, for all channels of the part."""
        code, (together, tiles), (source, step, held) = self.code, self.conv.tiles, images
        with code.loop(0, channels, together) as c:
            plane = code.address(self.kind, source, code.mul(c, self.g.plane))
            row = code.mul(c, self.conv.geometry.taps)
            for begin, places in tiles:
                sums = self._sums((plane, step, held), pixels, places)
                self._add(sums, code.address(self.kind, totals, code.mul(code.add(row, begin), self.columns)))

    def _sums(self, images: tuple[Term, int, Term], pixels: Term, places: list[int]) -> Sums:
        """For each tap at these places, the sum over pixels of input times cotangent."""
        code, (plane, step, held) = self.code, images
        sums = self.zeros(len(places))
        with code.loop(0, held) as i:
            image = code.address(self.kind, plane, code.mul(i, step))
            packed = code.address(self.kind, self.packed, code.mul(code.mul(i, pixels), self.columns))
            with code.loop(0, pixels) as k:
                pixel = code.address(self.kind, image, code.load("i64", self.places, k, plain=True))
                self.multiply(sums, pixel, places, code.address(self.kind, packed, code.mul(k, self.columns)))
        return sums

    def _add(self, sums: Sums, totals: Term) -> None:
        code = self.code
        for r, parts in enumerate(sums):
            for v, part in enumerate(parts):
                index = r * self.columns + v * self.lanes
                before = code.load(self.vector, totals, index)
                code.store(code.binary("fadd", before, part.get()), totals, index)

    def _write(self, totals: Term, out: Terms, part: Terms) -> None:
        """The sums of a part and a panel, [tap][output channel], as rows of the result."""
        code, g, taps, (group, start) = self.code, self.g, self.conv.geometry.taps, out
        depth, count = g.channels * taps, code.mul(part[1], taps)
        row = code.add(code.mul(group, g.out), start)
        begin = code.add(code.mul(row, depth), code.mul(part[0], taps))
        with code.loop(0, count, self.lanes) as k:
            inside = self.mask(code.binary("sub", count, k))
            for v in range(self.abreast):
                rows = [code.add(code.mul(code.add(k, r), self.columns), v * self.lanes) for r in range(self.lanes)]
                square = [code.load(self.vector, totals, at) for at in rows]
                for lane, values in enumerate(self.transposed(square)):
                    channel = v * self.lanes + lane
                    with code.when(code.compare("slt", code.add(start, channel), whole(g.out))):
                        self.put(values, self.w, code.add(begin, code.add(k, channel * depth)), inside)
