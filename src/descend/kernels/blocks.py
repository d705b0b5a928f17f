"""Images cut into tiles that overlap, a block of tiles at a time, and brought into the basis of `toom_cook`.

Images are (n, c, h, w). Inside, channels are the lanes of a register: [block of channels][y][x][lane], with zeros
around each image. A block has several small images together, or a band of rows of tiles of a large one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from descend.kernels.basis import Basis
from descend.kernels.code import FLOAT, Term, whole
from descend.kernels.toom_cook import transforms

NUMBERS = (
    "images", "channels", "out", "height", "width", "top", "left", "rows", "columns",
    "together", "band", "tiles", "inputs", "sums", "pixels", "weights", "room",
)  # fmt: skip
"""Sizes of the images and of the result; in a block: images, rows of tiles, tiles; where the parts of the room begin,
and how much of it a thread has."""


class Blocks(Basis):
    """What the convolution and the gradient of its weights do with images.

    Args:
        sides: results along an axis of a tile, taps along an axis of the kernel.
    """

    def __init__(self, name: str, vector_bytes: int, sides: tuple[int, int]) -> None:
        self.side, self.taps = sides
        self.reach = self.side + self.taps - 1
        super().__init__(name, vector_bytes, self.reach)
        code, self.change = self.code, transforms(*sides)
        self.given = {name: code.number(i) for i, name in enumerate(NUMBERS)}
        self.arrays = [code.pointer(len(NUMBERS) + i) for i in range(3)]
        self.images, self.channels, self.out = (self.given[n] for n in ("images", "channels", "out"))
        self.count, self.tiles = self.reach**2, self.given["tiles"]
        self.down, self.across = (self._parts(self.given[n], self.side) for n in ("rows", "columns"))
        self.high, self.wide = (code.add(code.mul(n, self.side), self.taps - 1) for n in (self.down, self.across))
        self.blocks, self.panel_count = self._parts(self.channels, self.lanes), self.panels(self.out)
        # One more channel than there are, so that frequencies lie in other sets of the cache.
        self.channel_room = code.add(code.mul(self.blocks, self.lanes), 1)
        self.input_step = self.size(self.blocks, self.tiles, self.lanes)  # from one frequency to the next
        self.sum_step = self.size(self.tiles, self.columns)
        self.halo = self.room(len(NUMBERS) + 3, self.given["room"])
        self.inputs, self.sums, self.pixels, self.weights = (
            code.address(FLOAT, self.halo, self.given[n]) for n in ("inputs", "sums", "pixels", "weights")
        )

    def _parts(self, n: Term, size: int) -> Term:
        return self.code.binary("sdiv", self.code.add(n, size - 1), whole(size))

    # Blocks.

    @contextmanager
    def each_block(self, first: Term, last: Term) -> Iterator[tuple[Term, Term]]:
        """Images `first` to `last`, several together: the number of the first of them, and how many they are."""
        code, together = self.code, self.given["together"]
        span = code.binary("sub", last, first)
        blocks = code.binary("sdiv", code.add(span, code.add(together, -1)), together)
        with code.loop(0, blocks) as b:
            start = code.add(first, code.mul(b, together))
            yield start, self.smaller(together, code.binary("sub", last, start))

    @contextmanager
    def each_band(self) -> Iterator[tuple[Term, Term]]:
        """The rows of tiles of an image, several together: the number of the first of them, and how many they are."""
        code, band = self.code, self.given["band"]
        with code.loop(0, code.binary("sdiv", code.add(self.down, code.add(band, -1)), band)) as b:
            start = code.mul(b, band)
            yield start, self.smaller(band, code.binary("sub", self.down, start))

    @contextmanager
    def each_register(self, first: Term, last: Term) -> Iterator[Term]:
        """The registers of the panels `first` to `last`: the number of the first output channel of each."""
        code = self.code
        with code.loop(code.mul(first, self.columns), code.mul(last, self.columns), self.lanes) as out:
            yield out

    def divided(self, i: Term, size: int) -> tuple[Term, Term]:
        """Number i among parts of this size: the part, and the place in it."""
        part = self.code.binary("sdiv", i, whole(size))
        return part, self.code.binary("sub", i, self.code.mul(part, size))

    @contextmanager
    def each_tile(self, images: Term, rows: Term) -> Iterator[tuple[Term, Term, Term, Term]]:
        """The tiles of a block: image, row and column of tiles, number."""
        code = self.code
        with code.loop(0, images) as n, code.loop(0, rows) as y, code.loop(0, self.across) as x:
            yield n, y, x, self.index((1, n), (rows, y), (self.across, x))

    # Images.

    def clear_halo(self) -> None:
        """Zeros around the images: they stay, for only insides are written later."""
        size = self.size(self.given["together"], self.blocks, self.high, self.wide, self.lanes)
        self.code.clear(FLOAT, self.halo, size)

    def fill_halo(self, first: Term, images: Term) -> None:
        """Images from number `first` on as [image][block of channels][y][x][lane], inside their zeros."""
        code, height, width = self.code, self.given["height"], self.given["width"]
        plane = self.size(height, width)
        with code.loop(0, images) as n, code.loop(0, self.blocks) as block, code.loop(0, height) as y:
            image = code.address(FLOAT, self.arrays[0], self.size(code.add(first, n), self.channels, plane))
            line = code.add(y, self.given["top"])
            corner = self.index((1, n), (self.blocks, block), (self.high, line), (self.wide, self.given["left"]))
            target = code.address(FLOAT, self.halo, code.mul(corner, self.lanes))
            # Registers are written whole: zeros behind the end of a line, where the next line is written later.
            source = (image, plane, self.channels)
            along = (code.mul(y, width), width)
            self.transpose(source, code.mul(block, self.lanes), along, (target, 0, self.lanes))

    def enter(self, images: Term, start: Term, rows: Term) -> None:
        """The tiles of a block in the other basis: [frequency][block of channels][tile][lane]."""
        code, side = self.code, self.side
        with self.each_tile(images, rows) as (n, y, x, t), code.loop(0, self.blocks) as block:
            line, column = code.mul(code.add(start, y), side), code.mul(x, side)
            corner = self.index((1, n), (self.blocks, block), (self.high, line), (self.wide, column))
            base = self.input_at(whole(0), block, t)

            def read(i: int, j: Term) -> Term:
                place = code.add(corner, code.add(code.mul(self.wide, i), j))
                return code.load(self.vector, self.halo, code.mul(place, self.lanes))

            def write(i: Term, j: int, value: Term) -> None:
                code.store(value, self.inputs, self.frequency(i, j, self.input_step, base))

            self.sandwich(self.change.input, read, write)

    def frequency(self, i: Term | int, j: Term | int, step: Term, base: Term) -> Term:
        """Where frequency (i, j) lies, `step` from one to the next; what a loop does not change comes first."""
        code = self.code
        row = code.mul(code.mul(step, self.reach), i)
        return code.add(code.add(base, row), code.mul(step, j))

    def input_at(self, frequency: Term, block: Term, tile: Term) -> Term:
        """Where the channels of an input lie."""
        return self.index((1, frequency), (self.blocks, block), (self.tiles, tile), (self.lanes, 0))

    def sum_at(self, frequency: Term, tile: Term) -> Term:
        """Where the output channels of a tile lie."""
        return self.index((1, frequency), (self.tiles, tile), (self.columns, 0))

    def pixel_at(self, image: Term, rows: Term, y: Term, x: Term) -> Term:
        """The number of the first pixel of a tile among those of a block of `rows` rows of tiles."""
        return self.index((1, image), (rows, y), (self.side, 0), (self.across, x), (self.side, 0))

    def pixel_in(self, corner: Term, i: Term | int, j: Term | int, lane: Term) -> Term:
        """Where the output channels of pixel (i, j) of a tile lie."""
        code = self.code
        line = code.add(corner, code.mul(code.mul(self.across, self.side), i))
        return code.add(code.mul(code.add(line, j), self.columns), lane)

    def weight_at(self, panel: Term, frequency: Term, channel: Term) -> Term:
        """Where the output channels of a weight lie: panels first, for each may belong to another thread."""
        return self.index((1, panel), (self.count, frequency), (self.channel_room, channel), (self.columns, 0))

    def put_rows(self, square: list[Term], first: Term, target: tuple[Term, Term, Term], inside: Term) -> None:
        """Each lane of the registers as a row of its own: that of output channel `first` and those behind it.

        Target: an array, the place there of the first row, and how far it is from row to row.
        """
        code, (array, at, step) = self.code, target
        for lane, row in enumerate(self.transposed(square)):
            with code.when(code.compare("slt", code.add(first, lane), self.out)):
                self.put(row, array, code.add(at, code.mul(step, lane)), inside)
