"""Images with room around them: copied into the middle of zeros, several at a time."""

from __future__ import annotations

import math

from descend.kernels.code import Term
from descend.kernels.geometry import Pair, Sizes
from descend.kernels.tile import Tiles


class Halo(Tiles):
    """What kernels do with images of three axes, (channels, depth, height, width), that are to be padded."""

    def surround(self, source: Term, target: Term, channels: Term, size: Sizes, pads: tuple[Pair, ...]) -> None:
        """Copy channels inside the zeros around them, which are there already."""
        code, (depth, height, width) = self.code, size
        _, rows, columns = (n + sum(pair) for n, pair in zip(size, pads, strict=True))
        plane = math.prod(n + sum(pair) for n, pair in zip(size, pads, strict=True))
        corner = (pads[0][0] * rows + pads[1][0]) * columns + pads[2][0]
        with code.loop(0, channels) as c, code.loop(0, depth) as z, code.loop(0, height) as y:
            line = code.add(code.mul(code.add(code.mul(c, depth), z), height), y)
            start = code.add(code.mul(c, plane), corner)
            written = code.add(start, code.mul(code.add(code.mul(z, rows), y), columns))
            read = code.mul(line, width)
            code.copy(self.kind, code.address(self.kind, target, written), code.address(self.kind, source, read), width)
