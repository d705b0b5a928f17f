"""The convolution and its two gradients without im2col: one tile of registers, and addresses in place of copies.

Neighbouring pixels of a row lie side by side, so for each tap the inputs of a tile of output pixels are a few numbers
at fixed offsets from one address. A table says where each tap of each channel lies. So the convolution is the inner
loop of a matrix product whose left matrix is never written down:

    for each image, padded once
        for each row of output pixels, in tiles of `rows` pixels      the last tile overlaps the one before
            for each panel of output channels
                for each tap of each channel                          sums += pixels x weights
                write the sums, transposed, as rows of each channel

The gradient of the input is the same convolution of the padded cotangent, spread out where there was a stride, with the
taps in the opposite order. In the gradient of the weights pixels and taps change places: for every pixel a column of
taps meets a row of cotangents.

Sizes are part of the kernel. Arguments: the number of images; then the arrays that the classes name; room for packing.
Images and cotangents are (n, c, h, w), weights (o, c, kh, kw).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from descend.kernels.code import Term, real, whole
from descend.kernels.tile import ACROSS, SIZES, Sums, Tiles

Pair = tuple[int, int]


@dataclass(frozen=True)
class Geometry:
    """An image of `channels` and `size`, padded, under a window that gives `out` channels.

    With `spread` there are zeros between the pixels, so that each is that far from the next: a stride, undone.
    """

    channels: int
    size: Pair
    out: int
    kernel: Pair
    stride: Pair
    pads: tuple[Pair, Pair]
    dilation: Pair
    spread: Pair = (1, 1)

    @property
    def padded(self) -> Pair:
        """Rows and columns with the padding."""
        rows, columns = ((n - 1) * far + 1 + sum(pair) for n, far, pair in
                         zip(self.size, self.spread, self.pads, strict=True))  # fmt: skip
        return rows, columns

    @property
    def places(self) -> Pair:
        """Rows and columns of the result."""
        h, w = ((p - (k - 1) * d - 1) // s + 1 for p, k, d, s in
                zip(self.padded, self.kernel, self.dilation, self.stride, strict=True))  # fmt: skip
        return h, w

    @property
    def back(self) -> Geometry | None:
        """The convolution of cotangents that gives the gradient of images; None with more padding than taps reach."""
        reach = [(k - 1) * d for k, d in zip(self.kernel, self.dilation, strict=True)]
        starts = [pair[0] for pair in self.pads]
        behind = [
            n + p - 1 - (m - 1) * s for n, p, m, s in zip(self.size, starts, self.places, self.stride, strict=True)
        ]
        before = [r - p for r, p in zip(reach, starts, strict=True)]
        if min(*before, *behind) < 0:
            return None
        pads = (before[0], behind[0]), (before[1], behind[1])
        return Geometry(self.out, self.places, self.channels, self.kernel, (1, 1), pads, self.dilation, self.stride)

    @property
    def plane(self) -> int:
        """Numbers in a padded channel."""
        return math.prod(self.padded)

    @property
    def taps(self) -> list[int]:
        """Where each tap lies, from the pixel where the window begins."""
        return [
            i * self.dilation[0] * self.padded[1] + j * self.dilation[1]
            for i in range(self.kernel[0])
            for j in range(self.kernel[1])
        ]


@dataclass(frozen=True)
class Conv:
    """The convolution: images, weights, result. `turned`: weights are (c, o, kh, kw) and their taps run backwards."""

    kind: str
    geometry: Geometry
    turned: bool
    vector_bytes: int

    @property
    def depth(self) -> int:
        """Products in a sum."""
        return self.geometry.channels * len(self.geometry.taps)

    @property
    def rows(self) -> int:
        """Pixels in a tile: as many as registers allow, and no more than are needed to cover a row evenly."""
        width = self.geometry.places[1]
        return -(-width // -(-width // most_rows(self.kind, self.vector_bytes)))

    @property
    def room(self) -> int:
        """Bytes that a thread needs: the packed weights, with room for whole squares, and one padded image."""
        lanes = self.vector_bytes // SIZES[self.kind]
        panels = -(-self.geometry.out // (ACROSS * lanes))
        numbers = panels * (self.depth + lanes) * ACROSS * lanes + self.geometry.channels * self.geometry.plane
        return numbers * SIZES[self.kind] + 64

    def source(self, name: str = "conv") -> str:
        """The kernel as a module of LLVM IR."""
        return _Forward(self, name).code.text()


@dataclass(frozen=True)
class ConvWeight:
    """The gradient of the weights: images, cotangents, result."""

    kind: str
    geometry: Geometry
    vector_bytes: int

    @property
    def room(self) -> int:
        """Bytes that a thread needs: a padded image, a panel of cotangents, and the sums of a panel."""
        g, lanes = self.geometry, self.vector_bytes // SIZES[self.kind]
        columns = ACROSS * lanes
        sums = g.channels * len(g.taps) * columns
        return (g.channels * g.plane + (math.prod(g.places) + lanes) * columns + sums) * SIZES[self.kind] + 64

    def source(self, name: str = "conv_weight") -> str:
        """The kernel as a module of LLVM IR."""
        return _Weight(self, name).code.text()


def most_rows(kind: str, vector_bytes: int) -> int:
    """Rows of a tile whose sums, with two vectors a row, leave a few registers free; no more than lanes."""
    return min(14 if vector_bytes == 64 else 6, vector_bytes // SIZES[kind])


class _Images(Tiles):
    """What both kernels do with images."""

    def pad(self, source: Term, target: Term, geometry: Geometry) -> Term:
        """The address of the image with zeros around it; where there is no padding, of the image itself."""
        if geometry.padded == geometry.size:
            return source
        code, (height, width), (rows, columns) = self.code, geometry.size, geometry.padded
        (top, _), (left, _) = geometry.pads
        with code.loop(0, geometry.channels * geometry.plane, parallel=True) as i:
            code.store(real(0.0, self.kind), target, i)
        with code.loop(0, geometry.channels) as c, code.loop(0, height) as y:
            read = code.mul(code.add(code.mul(c, height), y), width)
            line = code.add(code.mul(y, geometry.spread[0]), top)
            written = code.add(code.mul(code.add(code.mul(c, rows), line), columns), left)
            with code.loop(0, width, parallel=True) as x:
                at = code.add(written, code.mul(x, geometry.spread[1]))
                code.store(code.load(self.kind, source, code.add(read, x)), target, at)
        return target


class _Forward(_Images):
    def __init__(self, conv: Conv, name: str) -> None:
        super().__init__(name, conv.kind, conv.vector_bytes)
        self.conv, self.g, code = conv, conv.geometry, self.code
        images, self.x, self.w, self.y = code.number(0), code.pointer(1), code.pointer(2), code.pointer(3)
        self.panel_size = (conv.depth + self.lanes) * self.columns
        self.panel_count = -(-self.g.out // self.columns)
        self.packed = self.room(4, whole(conv.room))
        self.halo = code.address(self.kind, self.packed, self.panel_count * self.panel_size)
        order = [*reversed(self.g.taps)] if conv.turned else self.g.taps
        self.table = code.table([c * self.g.plane + tap for c in range(self.g.channels) for tap in order])
        self._pack_weights()
        first, last = self.share(images)
        with code.loop(first, last) as n:
            image = code.address(self.kind, self.x, code.mul(n, self.g.channels * math.prod(self.g.size)))
            self._image(self.pad(image, self.halo, self.g), n)

    def _pack_weights(self) -> None:
        """Panels of `columns` output channels, each [tap of channel][output channel]."""
        code = self.code
        with code.loop(0, self.panel_count) as panel:
            target = code.address(self.kind, self.packed, code.mul(panel, self.panel_size))
            start = code.mul(panel, self.columns)
            if self.conv.turned:
                self._gather(start, target)
            else:
                self._transpose_weights(start, target)

    def _transpose_weights(self, start: Term, target: Term) -> None:
        for v in range(ACROSS):
            source = (self.w, whole(self.conv.depth), whole(self.g.out))
            along, place = (whole(0), whole(self.conv.depth)), (target, v * self.lanes, self.columns)
            self.transpose(source, self.code.add(start, v * self.lanes), along, place)

    def _gather(self, start: Term, target: Term) -> None:
        """The weights of (c, o, kh, kw) one by one: w[c, start + lane, tap]."""
        code, taps = self.code, len(self.g.taps)
        last = whole(self.g.out - 1)
        with code.loop(0, self.g.channels) as c, code.loop(0, self.columns) as lane, code.loop(0, taps) as tap:
            out = self.smaller(code.add(start, lane), last)
            index = code.add(code.mul(code.add(code.mul(c, self.g.out), out), taps), tap)
            row = code.add(code.mul(c, taps), tap)
            code.store(code.load(self.kind, self.w, index), target, code.add(code.mul(row, self.columns), lane))

    def _image(self, image: Term, n: Term) -> None:
        """Every tile of the result of one image."""
        code, rows, (height, width) = self.code, self.conv.rows, self.g.places
        (down, right), wide = self.g.stride, self.g.padded[1]
        with code.loop(0, height) as y, code.loop(0, -(-width // rows)) as tile:
            x = self.smaller(code.mul(tile, rows), whole(width - rows))
            corner = code.add(code.mul(y, down * wide), code.mul(x, right))
            pixels = code.address(self.kind, image, corner)
            with code.loop(0, self.panel_count) as panel:
                weights = code.address(self.kind, self.packed, code.mul(panel, self.panel_size))
                start = code.mul(panel, self.columns)
                plane = code.add(code.mul(n, self.g.out), start)
                place = code.add(code.mul(code.add(code.mul(plane, height), y), width), x)
                self._write(self._sums(pixels, weights, rows, right), place, start)

    def _sums(self, pixels: Term, weights: Term, rows: int, step: int) -> Sums:
        code = self.code
        sums = self.zeros(rows)
        with code.loop(0, self.conv.depth) as k:
            tap = code.address(self.kind, pixels, code.load("i64", self.table, k, plain=True))
            row = code.address(self.kind, weights, code.mul(k, self.columns))
            self.multiply(sums, tap, [r * step for r in range(rows)], row)
        return sums

    def _write(self, sums: Sums, place: Term, start: Term) -> None:
        """Tiles are [pixel][channel]; the result has its pixels side by side."""
        code, inside = self.code, self.mask(whole(len(sums)))
        zero = Term(self.vector, "zeroinitializer")
        for v in range(ACROSS):
            square = [row[v].get() for row in sums] + [zero] * (self.lanes - len(sums))
            for lane, pixels in enumerate(self.transposed(square)):
                channel = v * self.lanes + lane
                index = code.add(place, channel * math.prod(self.g.places))
                if self.g.out % self.columns == 0:
                    self.put(pixels, self.y, index, inside)
                    continue
                with code.when(code.compare("slt", code.add(start, channel), whole(self.g.out))):
                    self.put(pixels, self.y, index, inside)


class _Weight(_Images):
    def __init__(self, conv: ConvWeight, name: str) -> None:
        super().__init__(name, conv.kind, conv.vector_bytes)
        self.g, code = conv.geometry, self.code
        self.images, self.x, self.cotangent, self.w = code.number(0), *map(code.pointer, (1, 2, 3))
        self.pixels = math.prod(self.g.places)
        self.halo = self.room(4, whole(conv.room))
        self.packed = code.address(self.kind, self.halo, self.g.channels * self.g.plane)
        self.totals = code.address(self.kind, self.packed, (self.pixels + self.lanes) * self.columns)
        self.together, self.groups = _tap_groups(self.g, most_rows(conv.kind, conv.vector_bytes))
        first, last = self.share(self.panels(whole(self.g.out)))
        with code.loop(first, last) as panel:
            self._panel(code.mul(panel, self.columns))

    def _panel(self, start: Term) -> None:
        """The gradients of the weights of one panel of output channels, over all images."""
        code, g = self.code, self.g
        count = g.channels * len(g.taps)
        with code.loop(0, count * self.columns, parallel=True) as i:
            code.store(real(0.0, self.kind), self.totals, i)
        with code.loop(0, self.images) as n:
            image = code.address(self.kind, self.x, code.mul(n, g.channels * math.prod(g.size)))
            padded = self.pad(image, self.halo, g)
            self._pack_cotangent(n, start)
            with code.loop(0, g.channels, self.together) as c:
                plane = code.address(self.kind, padded, code.mul(c, g.plane))
                row = code.mul(c, len(g.taps))
                for begin, offsets in self.groups:
                    self._add(self._sums(plane, offsets), code.add(row, begin))
        self._write(start, count)

    def _pack_cotangent(self, n: Term, start: Term) -> None:
        """The cotangents of a panel's channels as [pixel][channel]."""
        code = self.code
        base = code.address(self.kind, self.cotangent, code.mul(n, self.g.out * self.pixels))
        for v in range(ACROSS):
            source = (base, whole(self.pixels), whole(self.g.out))
            along, place = (whole(0), whole(self.pixels)), (self.packed, v * self.lanes, self.columns)
            self.transpose(source, code.add(start, v * self.lanes), along, place)

    def _sums(self, plane: Term, offsets: list[int]) -> Sums:
        """For each tap at these offsets, the sum over all pixels of input times cotangent."""
        code, (height, width), (down, right) = self.code, self.g.places, self.g.stride
        sums = self.zeros(len(offsets))
        with code.loop(0, height) as y:
            line = code.address(self.kind, plane, code.mul(y, down * self.g.padded[1]))
            first = code.mul(y, width)
            with code.loop(0, width) as x:
                row = code.address(self.kind, self.packed, code.mul(code.add(first, x), self.columns))
                self.multiply(sums, code.address(self.kind, line, code.mul(x, right)), offsets, row)
        return sums

    def _add(self, sums: Sums, row: Term) -> None:
        code = self.code
        for r, parts in enumerate(sums):
            for v, part in enumerate(parts):
                index = code.add(code.mul(code.add(row, r), self.columns), v * self.lanes)
                before = code.load(self.vector, self.totals, index)
                code.store(code.binary("fadd", before, part.get()), self.totals, index)

    def _write(self, start: Term, count: int) -> None:
        """The panel's sums, [tap][channel], as rows of the result."""
        code = self.code
        channels = self.smaller(code.binary("sub", whole(self.g.out), start), whole(self.columns))
        with code.loop(0, channels) as o, code.loop(0, count) as k:
            value = code.load(self.kind, self.totals, code.add(code.mul(k, self.columns), o))
            code.store(value, self.w, code.add(code.mul(code.add(start, o), count), k))


def _tap_groups(geometry: Geometry, most: int) -> tuple[int, list[tuple[int, list[int]]]]:
    """How many channels are taken at once, and tiles of taps: the number of the first, the offsets of all.

    Small kernels take several channels into one tile; large ones are cut into tiles of nearly equal size.
    """
    taps = geometry.taps
    if len(taps) <= most:
        together = max(m for m in range(1, most // len(taps) + 1) if geometry.channels % m == 0)
        return together, [(0, [c * geometry.plane + tap for c in range(together) for tap in taps])]
    tiles = -(-len(taps) // most)
    cuts = [len(taps) * i // tiles for i in range(tiles + 1)]
    return 1, [(a, taps[a:b]) for a, b in pairwise(cuts)]
