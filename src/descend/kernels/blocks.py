"""Images cut into tiles that overlap, a block of tiles at a time, and brought into the basis of `toom_cook`.

Images are (n, c, h, w). Inside, channels are the lanes of a register. A `Sheet` holds images with zeros around them as
[image][block of channels][phase][y][x][lane]: pixels of a phase are a stride apart, so that windows which move by a
stride over images move by one over each phase. A block has several small images together, or a band of rows of tiles
of a large one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from descend.kernels.basis import Basis
from descend.kernels.code import FLOAT, Term, whole
from descend.kernels.cut import NUMBERS, Cut
from descend.kernels.tile import SOON
from descend.kernels.toom_cook import Matrix, transforms


@dataclass(frozen=True)
class Sheet:
    """Where images lie.

    Attributes:
        data: the address.
        size: lines and pixels of an image.
        corner: zeros above it and to its left.
        wide: pixels in a line of a phase.
        plane: pixels of a phase. A register full of them more than there are, for what is written behind the last.
        planes: phases of all channels.
        stride: from a pixel of a phase to the next.
    """

    data: Term
    size: tuple[Term, Term]
    corner: tuple[Term, Term]
    wide: Term
    plane: Term
    planes: Term
    stride: int


class Blocks(Basis):
    """What the convolution and its gradients do with images."""

    def __init__(self, name: str, cut: Cut) -> None:
        super().__init__(name, cut.vector_bytes, cut.reach, cut.across)
        self.cut, self.change, self.side, self.reach = cut, transforms(cut.tile, cut.taps), cut.tile, cut.reach
        code = self.code
        self.given = {name: code.number(i) for i, name in enumerate(NUMBERS)}
        self.arrays = [code.pointer(len(NUMBERS) + i) for i in range(3)]
        self.images, self.channels, self.out = (self.given[n] for n in ("images", "channels", "out"))
        self.count, self.tiles = self.reach**2, self.given["tiles"]
        self.down, self.right = (self.parts(self.given[n], self.side) for n in ("rows", "columns"))
        halo = self.room(len(NUMBERS) + 3, self.given["room"])
        self.inputs, self.sums, self.pixels, self.weights = (
            code.address(FLOAT, halo, self.given[n]) for n in ("inputs", "sums", "pixels", "weights")
        )
        self.apart = code.compare("ne", self.given["apart"], whole(0))
        back = cut.what == "back"
        self.seen = 1 if back else cut.phases  # phases of what is summed over
        self.blocks = code.mul(self.parts(self.channels, self.lanes), self.seen)
        registers = self.parts(self.out, self.lanes)
        self.panel_count = self.parts(code.mul(registers, cut.phases) if back else registers, cut.across)
        # One more channel than there are, so that frequencies lie in other sets of the cache.
        self.channel_room = code.add(code.mul(self.blocks, self.lanes), 1)
        self.input_step = self.size(self.blocks, self.tiles, self.lanes)  # from one frequency to the next
        self.sum_step = self.size(self.tiles, self.columns)
        self.sheet = self._even(halo) if back else self.padded(halo, self.blocks)

    def parts(self, n: Term, size: int) -> Term:
        """How many parts of this size n are."""
        return self.code.binary("sdiv", self.code.add(n, size - 1), whole(size))

    def padded(self, data: Term, planes: Term) -> Sheet:
        """A sheet of padded images, which windows look at."""
        code, given = self.code, self.given
        high, wide = (code.add(code.mul(n, self.side), self.cut.taps - 1) for n in (self.down, self.right))
        size, corner = (given["height"], given["width"]), (given["top"], given["left"])
        plane = code.add(code.mul(high, wide), self.lanes)
        return Sheet(data, size, corner, wide, plane, planes, self.cut.stride)

    def _even(self, data: Term) -> Sheet:
        """A sheet of what windows give, as many pixels as tiles have."""
        code, given = self.code, self.given
        high, wide = (code.mul(n, self.side) for n in (self.down, self.right))
        plane = code.add(code.mul(high, wide), self.lanes)
        return Sheet(data, (given["rows"], given["columns"]), (whole(0), whole(0)), wide, plane, self.blocks, 1)

    # Blocks.

    def part(self, n: Term, mine: Term) -> tuple[Term, Term]:
        """This thread's part of 0 ... n - 1 where the condition holds; all of it elsewhere."""
        first, last = self.share(n)
        return self.code.select(mine, first, whole(0)), self.code.select(mine, last, n)

    @contextmanager
    def each_block(self, first: Term, last: Term) -> Iterator[tuple[Term, Term]]:
        """Images `first` to `last`, several together: the number of the first of them, and how many they are."""
        code, together = self.code, self.given["together"]
        span = code.binary("sub", last, first)
        blocks = code.binary("sdiv", code.add(span, code.add(together, -1)), together)
        if self.cut.what == "weight":  # sums over no images are written, too
            blocks = code.select(code.compare("eq", blocks, whole(0)), whole(1), blocks)
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
    def each_register(self, panel: Term) -> Iterator[tuple[Term, Term]]:
        """For each channel each register of a panel: the number of its first output channel, and the channel."""
        code = self.code
        with code.loop(0, self.channels) as channel, code.loop(0, self.columns, self.lanes) as lane:
            yield code.add(code.mul(panel, self.columns), lane), channel

    def both(self, a: Term, b: Term) -> Term:
        """Whether both conditions hold."""
        return self.code.binary("and", a, b)

    def divided(self, i: Term, size: int) -> tuple[Term, Term]:
        """Number i among parts of this size: the part, and the place in it."""
        part = self.code.binary("udiv", i, whole(size))
        return part, self.code.binary("sub", i, self.code.mul(part, size))

    @contextmanager
    def each_tile(self, images: Term, rows: Term) -> Iterator[tuple[Term, Term, Term, Term]]:
        """The tiles of a block: image, row and column of tiles, number."""
        code = self.code
        with code.loop(0, images) as n, code.loop(0, rows) as y, code.loop(0, self.right) as x:
            yield n, y, x, self.index((1, n), (rows, y), (self.right, x))

    # Images.

    def bring(self, matrix: Matrix, images: tuple[Term, Term], lines: tuple[Term, Term]) -> None:
        """The tiles of a block in the other basis: one image after the other on the sheet, then its tiles.

        Where a block has only a part of the lines it is the part of one image, which stays on the sheet.
        """
        code, (start, held), (top, rows) = self.code, images, lines
        with code.loop(0, held) as n:
            with code.when(code.compare("eq", top, whole(0))):
                self.fill(code.add(start, n))
            self.enter(matrix, code.mul(n, code.mul(rows, self.right)), top, rows)

    def clear(self, sheet: Sheet) -> None:
        """Zeros around an image: they stay, for only its inside is written later."""
        self.code.clear(FLOAT, sheet.data, self.size(sheet.planes, sheet.plane, self.lanes))

    def fill(self, n: Term) -> None:
        """Image number n, inside its zeros."""
        code, sheet = self.code, self.sheet
        (height, width), plane = sheet.size, self.size(*sheet.size)
        blocks = self.parts(self.channels, self.lanes)
        image = code.address(FLOAT, self.arrays[0], self.size(n, self.channels, plane))
        with code.loop(0, blocks) as block, code.loop(0, height) as y:
            source = (code.address(FLOAT, image, code.mul(y, width)), plane, self.channels)
            line = self.line(sheet, whole(0), block, y)
            # Registers are written whole: zeros behind the end of a line, where the next line is written later.
            self.turn(source, code.mul(block, self.lanes), width, lambda x, r: (sheet.data, self.pixel(line, x, r)))

    def turn(
        self, source: tuple[Term, Term, Term], first: Term, width: Term, place: Callable[[Term, int], tuple[Term, Term]]
    ) -> None:
        """A line of pixels of as many channels as a register has lanes: each pixel's channels become a register.

        Meanwhile memory is asked for that line of the channels behind, which comes next: they lie far from each other.

        Args:
            source: the address of the line in the first channel of all, how far it is to the next, their number.
            first: the first channel.
            width: pixels in the line.
            place: array and element where the channels of pixel x + r are to lie.
        """
        code, (line, plane, count) = self.code, source
        channels = [self.smaller(code.add(first, lane), code.add(count, -1)) for lane in range(self.lanes)]
        bases = [code.address(FLOAT, line, code.mul(channel, plane)) for channel in channels]
        ahead = code.mul(plane, self.lanes)
        with code.loop(0, width, self.lanes) as x:
            inside = self.mask(code.binary("sub", width, x))
            for base in bases:
                self.fetch(base, code.add(x, ahead))
            for r, pixel in enumerate(self.transposed([self.masked(base, x, inside) for base in bases])):
                code.store(pixel, *place(x, r))

    def line(self, sheet: Sheet, image: Term, block: Term, y: Term) -> list[Term]:
        """Where line y of an image begins in a sheet: its first pixel, and as many as are in other phases."""
        code = self.code
        row, phase = self.divided(code.add(y, sheet.corner[0]), sheet.stride)
        plane = code.add(code.mul(block, sheet.stride**2), code.mul(phase, sheet.stride))
        start = self.index((1, image), (sheet.planes, plane), (sheet.plane, code.mul(row, sheet.wide)))
        found = []
        for x in range(sheet.stride):
            column, phase = self.divided(code.add(sheet.corner[1], x), sheet.stride)
            found.append(code.mul(code.add(code.add(start, code.mul(phase, sheet.plane)), column), self.lanes))
        return found

    def pixel(self, line: list[Term], x: Term, r: int) -> Term:
        """Where the channels of pixel x + r of a line lie, for x that a register's lanes divide."""
        code, stride = self.code, len(line)
        return code.add(code.add(line[r % stride], code.mul(x, self.lanes // stride)), r // stride * self.lanes)

    def enter(self, matrix: Matrix, number: Term, start: Term, rows: Term) -> None:
        """The tiles of the image on the sheet in the other basis: [frequency][block of channels][tile][lane]."""
        code, sheet = self.code, self.sheet
        with self.each_tile(whole(1), rows) as (n, y, x, t), code.loop(0, self.blocks) as block:
            corner = self.corner(sheet, (n, block), code.add(start, y), x)
            base = self.input_at(whole(0), block, code.add(number, t))

            def read(i: int, j: Term) -> Term:
                place = code.add(corner, code.add(code.mul(sheet.wide, i), j))
                return code.load(self.vector, sheet.data, code.mul(place, self.lanes))

            def write(i: Term, j: int, value: Term) -> None:
                code.store(value, self.inputs, self.frequency(i, j, self.input_step, base))

            self.sandwich(matrix, read, write)

    def corner(self, sheet: Sheet, plane: tuple[Term, Term], y: Term, x: Term) -> Term:
        """The first pixel in a sheet of the tile in row y and column x, of an image and a phase of a channel."""
        down, right = (self.code.mul(i, self.side) for i in (y, x))
        place = self.index((1, down), (sheet.wide, right))
        return self.index((1, plane[0]), (sheet.planes, plane[1]), (sheet.plane, place))

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
        return self.index((1, image), (rows, y), (self.side, 0), (self.right, x), (self.side, 0))

    def pixel_in(self, corner: Term, i: Term | int, j: Term | int, lane: Term) -> Term:
        """Where the output channels of pixel (i, j) of a tile lie."""
        code = self.code
        line = code.add(corner, code.mul(code.mul(self.right, self.side), i))
        return code.add(code.mul(code.add(line, j), self.columns), lane)

    # Weights.

    def weight_at(self, panel: Term, frequency: Term, channel: Term) -> Term:
        """Where the output channels of a weight lie: panels first, for each may belong to another thread.

        Where one block has all tiles, panels are needed one after the other, and lie in the same place.
        """
        if self.cut.what != "back":
            panel = self.code.select(self.apart, whole(0), panel)
        return self.index((1, panel), (self.count, frequency), (self.channel_room, channel), (self.columns, 0))

    @contextmanager
    def each_phase(self) -> Iterator[tuple[Term, Callable[[Term | int, Term | int], Term]]]:
        """The phases of a window: the number of each, and which tap of the window its tap (i, j) is."""
        code, stride = self.code, self.cut.stride
        with code.loop(0, self.cut.phases) as phase:
            down, right = self.divided(phase, stride)

            def tap(i: Term | int, j: Term | int) -> Term:
                line, column = code.add(self.size(i, stride), down), code.add(self.size(j, stride), right)
                return self.index((1, line), (stride * self.cut.taps, column))

            yield phase, tap

    def place(self, channel: Term, phase: Term) -> Term:
        """The number of a channel's phase among all lanes of all blocks."""
        block, lane = self.divided(channel, self.lanes)
        return self.index((1, block), (self.cut.phases, phase), (self.lanes, lane))

    # Writing.

    def put_rows(self, square: list[Term], first: Term, target: tuple[Term, Term, Term], inside: Term) -> None:
        """Each lane of the registers as a row of its own: that of output channel `first` and those behind it.

        Target: an array, the place there of the first row, and how far it is from row to row. Memory is asked for what
        lies a little further in each row, which is written soon.
        """
        code, (array, at, step) = self.code, target
        for lane in range(self.lanes):
            self.fetch(array, code.add(code.add(at, code.mul(step, lane)), SOON * self.lanes), write=True)
        for lane, row in enumerate(self.transposed(square)):
            with code.when(code.compare("slt", code.add(first, lane), self.out)):
                self.put(row, array, code.add(at, code.mul(step, lane)), inside)
