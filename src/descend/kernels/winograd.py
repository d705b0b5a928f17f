"""Winograd's convolution of images and its two gradients: a change of basis in which taps are multiplied one by one.

Images are cut into tiles that overlap. In the basis of `toom_cook` a tile of m x m results of a convolution with r x r
taps takes (m + r - 1)^2 products for each pair of channels instead of m^2 r^2: four times fewer for m = 4, r = 3, six
times for r = 5. For each of these "frequencies" what is left is a matrix product over channels.

    for each block of tiles
        inputs[frequency][channel][tile]        = input @ tile @ input'
        for each panel of output channels
            for each frequency: sums[tile][out] = inputs' @ weights
            result                              = output @ sums @ output'

The gradient of the input is the convolution of the cotangent with the taps in the opposite order. That of the weights
is the same formula read backwards, every matrix transposed: kernel' @ (sum over tiles of inputs * (output' @ cotangent
@ output)) @ kernel.

Inside, channels are the lanes of a register: images are brought from (c, h, w) into blocks [y][x][lane] and back. All
sizes are arguments, so that one kernel serves every layer with the same taps: NUMBERS, then the three arrays that
`Winograd` names, then room for packing. Differs: rounding is amplified, to about 1e-5 of the largest number.

Source: Lavin and Gray 2015, arXiv:1509.09308.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from descend.kernels.blocks import NUMBERS, Blocks
from descend.kernels.code import FLOAT, Term, whole
from descend.kernels.geometry import Geometry
from descend.kernels.once import once
from descend.kernels.tile import ACROSS, SIZES, Sums

TILE = {3: 4, 5: 4}  # by the number of taps along an axis: results along an axis of a tile
TOGETHER = 32  # tiles in a block: what they need stays in the second cache
FEWEST = 16  # channels, and tiles: with fewer, going to the other basis and back costs more than it saves
GAIN = 2  # times fewer products than directly, or it is not worth it


@dataclass(frozen=True)
class Winograd:
    """What to compute: "conv" (x, w, result), "turned" (g, w, result), or "weight" (x, g, result)."""

    what: str
    taps: int
    vector_bytes: int

    @property
    def tile(self) -> int:
        """Results along an axis of a tile."""
        return TILE[self.taps]

    @property
    def reach(self) -> int:
        """Inputs along an axis of a tile."""
        return self.tile + self.taps - 1

    @property
    def lanes(self) -> int:
        """Numbers in a register."""
        return self.vector_bytes // SIZES[FLOAT]

    @property
    def at_once(self) -> int:
        """Rows of a tile of sums: they divide the lanes."""
        return 8 if self.vector_bytes == 64 else 4

    @once
    def source(self, name: str = "winograd") -> str:
        """The kernel as a module of LLVM IR."""
        return (_Weight if self.what == "weight" else _Forward)(self, name).code.text()

    def numbers(self, images: int, geometry: Geometry) -> dict[str, int]:
        """The kernel's arguments before the arrays, by name. Geometry: of images x, or of cotangents where turned."""
        (rows, columns), (down, across) = geometry.places, self._grid(geometry)
        together = min(max(1, TOGETHER // (down * across)), max(1, images))
        band = down if down * across <= TOGETHER else max(1, TOGETHER // across)
        tiles = -(-together * band * across // self.at_once) * self.at_once + 1  # odd: frequencies in other cache sets
        width, count = ACROSS * self.lanes, self.reach**2
        blocks, panels = -(-geometry.channels // self.lanes), -(-geometry.out // width)
        high, wide = down * self.tile + self.taps - 1, across * self.tile + self.taps - 1
        sections = (
            together * blocks * high * wide * self.lanes,
            count * blocks * tiles * self.lanes,
            count * tiles * width,
            together * band * across * self.tile**2 * width,
            count * panels * (blocks * self.lanes + 1) * width,
        )
        starts = np.cumsum([0, *(n + self.lanes * width for n in sections)]).tolist()
        given = (images, geometry.channels, geometry.out, *geometry.size, geometry.pads[0][0], geometry.pads[1][0])
        found = (*given, rows, columns, together, band, tiles, *starts[1:5], starts[5] * SIZES[FLOAT] + 64)
        return dict(zip(NUMBERS, found, strict=True))

    def _grid(self, geometry: Geometry) -> tuple[int, int]:
        """Tiles down and across an image."""
        rows, columns = geometry.places
        return -(-rows // self.tile), -(-columns // self.tile)

    def pays(self, images: int, geometry: Geometry) -> bool:
        """Whether it is faster than computing directly."""
        tiles = math.prod(self._grid(geometry))
        products, directly = tiles * self.reach**2, math.prod(geometry.places) * self.taps**2
        return min(geometry.channels, geometry.out, images * tiles) >= FEWEST and GAIN * products <= directly


def winograd(what: str, kind: str, images: int, geometry: Geometry, vector_bytes: int) -> Winograd | None:
    """The kernel for so many images where it can be used and pays; None elsewhere."""
    taps, plain = geometry.kernel[0], (1, 1)
    moving = (geometry.stride, geometry.dilation)
    if kind != FLOAT or geometry.kernel != (taps, taps) or taps not in TILE or moving != (plain, plain):
        return None
    if geometry.groups > 1:
        return None
    found = Winograd(what, taps, vector_bytes)
    return found if found.pays(images, geometry) else None


class _Forward(Blocks):
    def __init__(self, kernel: Winograd, name: str) -> None:
        super().__init__(name, kernel.vector_bytes, (kernel.tile, kernel.taps))
        self.kernel = kernel
        code = self.code
        with self.each_register(whole(0), self.panel_count) as out, code.loop(0, self.channels) as channel:
            self._weight(out, channel)
        self.clear_halo()
        first, last = self.share(self.images)
        with self.each_block(first, last) as (start, images):
            self.fill_halo(start, images)
            with self.each_band() as (top, rows):
                self.enter(images, top, rows)
                with code.loop(0, self.panel_count) as panel:
                    self._multiply(panel, self.size(images, rows, self.across))
                    self._leave(images, rows)
                    self._write(start, images, top, panel)

    def _weight(self, out: Term, channel: Term) -> None:
        """The weights of one channel and a register of output channels in the other basis."""
        code, taps = self.code, self.taps**2
        place = code.room(FLOAT, (taps + self.lanes) * self.lanes)
        turned, size = self.kernel.what == "turned", whole(taps)
        base = code.address(FLOAT, self.arrays[1], self.size(channel, self.out if turned else 1, taps))
        source = (base, size if turned else self.size(self.channels, taps), self.out)
        self.transpose(source, out, (whole(0), size), (place, 0, self.lanes))
        step = self.size(self.channel_room, self.columns)
        panel, lane = self.divided(out, self.columns)
        base = code.add(self.weight_at(panel, whole(0), channel), lane)

        def read(i: int, j: Term) -> Term:
            tap = code.add(j, i * self.taps)
            tap = code.binary("sub", whole(taps - 1), tap) if turned else tap
            return code.load(self.vector, place, code.mul(tap, self.lanes))

        def write(i: Term, j: int, value: Term) -> None:
            code.store(value, self.weights, self.frequency(i, j, step, base))

        self.sandwich(self.change.kernel, read, write)

    def _multiply(self, panel: Term, tiles: Term) -> None:
        """For each frequency and tile, the sum over channels of inputs times weights."""
        code, rows = self.code, self.kernel.at_once
        with code.loop(0, self.count) as f, code.loop(0, tiles, rows) as t:
            sums = self.zeros(rows)
            with code.loop(0, self.blocks) as block:
                start = code.mul(block, self.lanes)
                weights = code.address(FLOAT, self.weights, self.weight_at(panel, f, start))
                inputs = code.address(FLOAT, self.inputs, self.input_at(f, block, t))
                with code.loop(0, self.smaller(whole(self.lanes), code.binary("sub", self.channels, start))) as c:
                    row = code.address(FLOAT, weights, code.mul(c, self.columns))
                    offsets = [r * self.lanes for r in range(rows)]
                    self.multiply(sums, code.address(FLOAT, inputs, c), offsets, row)
            at = self.sum_at(f, t)
            for r, v, part in _numbered(sums):
                code.store(part, self.sums, code.add(at, r * self.columns + v * self.lanes))

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
        wide = code.mul(self.across, self.side)
        there = self.smaller(held, code.binary("sub", height, first))
        with code.loop(0, images) as n, code.loop(0, there) as y, code.loop(0, width, self.lanes) as x:
            inside = self.mask(code.binary("sub", width, x))
            line = self.index((1, n), (held, y), (wide, x), (self.columns, 0))
            with code.loop(0, self.columns, self.lanes) as lane:
                places = [code.add(line, code.add(lane, r * self.columns)) for r in range(self.lanes)]
                square = [code.load(self.vector, self.pixels, place) for place in places]
                out = code.add(code.mul(panel, self.columns), lane)
                at = self.index((1, code.add(start, n)), (self.out, out), (height, code.add(first, y)), (width, x))
                self.put_rows(square, out, (self.arrays[2], at, self.size(height, width)), inside)


class _Weight(Blocks):
    def __init__(self, kernel: Winograd, name: str) -> None:
        super().__init__(name, kernel.vector_bytes, (kernel.tile, kernel.taps))
        self.kernel = kernel
        code = self.code
        self.first, self.last = self.share(self.panel_count)
        begin = self.weight_at(self.first, whole(0), whole(0))
        span = code.binary("sub", self.weight_at(self.last, whole(0), whole(0)), begin)
        code.clear(FLOAT, code.address(FLOAT, self.weights, begin), span)
        self.clear_halo()
        with self.each_block(whole(0), self.images) as (start, images):
            self.fill_halo(start, images)
            with self.each_band() as (top, rows):
                self.enter(images, top, rows)
                with code.loop(self.first, self.last) as panel:
                    self._fill(panel, (start, images), (top, rows))
                    self._enter_cotangents(images, rows)
                    self._multiply(panel, self.size(images, rows, self.across))
        with self.each_register(self.first, self.last) as out, code.loop(0, self.channels) as channel:
            self._leave(out, channel)

    def _fill(self, panel: Term, images: tuple[Term, Term], lines: tuple[Term, Term]) -> None:
        """The cotangents of a block as [image][y][x][out], with zeros behind the last line."""
        code, side, height, width = self.code, self.side, self.given["rows"], self.given["columns"]
        wide, held, first = code.mul(self.across, side), code.mul(lines[1], side), code.mul(lines[0], side)
        there = self.smaller(held, code.binary("sub", height, first))
        with code.when(code.compare("slt", there, held)):
            code.clear(FLOAT, self.pixels, self.size(images[1], held, wide, self.columns))
        plane = self.size(height, width)
        with code.loop(0, images[1]) as n, code.loop(0, there) as y:
            image = code.address(FLOAT, self.arrays[1], self.size(code.add(images[0], n), self.out, plane))
            line = code.address(FLOAT, self.pixels, self.index((1, n), (held, y), (wide, 0), (self.columns, 0)))
            along = (code.mul(code.add(first, y), width), width)
            with code.loop(0, self.columns, self.lanes) as lane:
                target = (code.address(FLOAT, line, lane), 0, self.columns)
                out = code.add(code.mul(panel, self.columns), lane)
                self.transpose((image, plane, self.out), out, along, target)

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
        code, rows = self.code, self.kernel.at_once
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
        for r, v, part in _numbered(sums):
            place = code.add(at, r * self.columns + v * self.lanes)
            code.store(code.binary("fadd", code.load(self.vector, self.weights, place), part), self.weights, place)

    def _leave(self, out: Term, channel: Term) -> None:
        """The gradients of the weights of one channel and a register of output channels, in the basis of taps."""
        code, taps = self.code, self.taps**2
        place = code.room(FLOAT, (taps + self.lanes) * self.lanes)
        step = self.size(self.channel_room, self.columns)
        panel, lane = self.divided(out, self.columns)
        base = code.add(self.weight_at(panel, whole(0), channel), lane)

        def read(i: int, j: Term) -> Term:
            return code.load(self.vector, self.weights, self.frequency(i, j, step, base))

        def write(i: Term, j: int, value: Term) -> None:
            code.store(value, place, self.index((1, i), (self.taps, j), (self.lanes, 0)))

        self.sandwich(self.change.kernel.T, read, write)
        step = code.mul(self.channels, taps)
        for start in range(0, taps, self.lanes):
            square = [code.load(self.vector, place, (start + r) * self.lanes) for r in range(self.lanes)]
            at = self.index((1, out), (self.channels, channel), (taps, start))
            self.put_rows(square, out, (self.arrays[2], at, step), self.mask(whole(taps - start)))


def _numbered(sums: Sums) -> Iterator[tuple[int, int, Term]]:
    """Row, vector and value of each part of a tile."""
    for r, row in enumerate(sums):
        for v, part in enumerate(row):
            yield r, v, part.get()
