"""Winograd's convolution of images and its gradients: a change of basis in which taps are multiplied one by one.

Images are cut into tiles that overlap. In the basis of `toom_cook` a tile of m x m results of a convolution with r x r
taps takes (m + r - 1)^2 products for each pair of channels instead of m^2 r^2: four times fewer for m = 4, r = 3, six
times for r = 5. For each of these "frequencies" what is left is a matrix product over channels.

    "conv"      for each block of tiles
                    inputs[frequency][channel][tile]        = input @ tile @ input'
                    for each panel of output channels
                        for each frequency: sums[tile][out] = inputs' @ weights
                        result                              = output @ sums @ output'

"turned", the gradient of the input, is the convolution of the cotangent with the taps in the opposite order. The others
are the formula read backwards, every matrix transposed: "weight", the gradient of the weights, is kernel' @ (sum over
tiles of inputs * (output' @ cotangent @ output)) @ kernel, and "back" is the gradient of the input once more, with
tiles of cotangents that do not overlap, and tiles of results that do and are added. It has fewer tiles without padding.

Windows that move by a stride of 2 see every pixel through one of its taps in each direction: for each place modulo the
stride, the phase, they are windows with half as many taps that move by 1. So the phases are more channels.

Inside, channels are the lanes of a register: images are brought from (c, h, w) into blocks [y][x][lane] and back. All
sizes are arguments, so that one kernel serves every layer with the same taps: NUMBERS, then the three arrays that
`Winograd` names, then room for packing. Differs: rounding is amplified, to about 1e-5 of the largest number.

Source: Lavin and Gray 2015, arXiv:1509.09308.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from descend.kernels.code import FLOAT
from descend.kernels.cut import NUMBERS, TILE, Cut
from descend.kernels.geometry import Geometry, Pair
from descend.kernels.once import once
from descend.kernels.tile import ACROSS, SIZES
from descend.kernels.winograd_back import Back
from descend.kernels.winograd_conv import Convolution
from descend.kernels.winograd_weight import Weight

# Tiles in a block: what they need stays in the second cache.
TOGETHER = {"conv": 32, "turned": 32, "weight": 32, "back": 16}
APART = 128  # fewer tiles than that, and than output channels, are one block, so that weights are needed only once
STRIDES = (1, 2, 4)  # they divide the lanes of every register
FEWEST = 16  # channels, and tiles: with fewer, going to the other basis and back costs more than it saves
GAIN = 2  # times fewer products than directly, or it is not worth it

WRITERS = {"conv": Convolution, "turned": Convolution, "back": Back, "weight": Weight}


class Winograd(Cut):
    """What to compute: "conv" (x, w, result), "turned" or "back" (g, w, result), or "weight" (x, g, result)."""

    @once
    def source(self, name: str = "winograd") -> str:
        """The kernel as a module of LLVM IR."""
        return WRITERS[self.what](name, self).code.text()

    def numbers(self, images: int, geometry: Geometry) -> dict[str, int]:
        """The kernel's arguments before the arrays, by name, for a convolution of this geometry."""
        g, (_, right) = self._seen(geometry), self.grid(geometry)
        apart = self._is_apart(images, geometry)
        together, band = self._block(images, geometry)
        tiles = -(-together * band * right // self.at_once) * self.at_once + 1  # odd: frequencies in other cache sets
        parts = self._parts(geometry, (together, band, tiles), apart)
        starts = np.cumsum([0, *((n + self.across * self.lanes) * self.lanes for n in parts)]).tolist()
        channels = (g.out, g.channels) if self.what == "back" else (g.channels, g.out)
        given = (images, *channels, *g.size, g.pads[0][0], g.pads[1][0], *g.places, together, band, tiles)
        return dict(zip(NUMBERS, (*given, int(apart), *starts[1:5], starts[5] * SIZES[FLOAT] + 64), strict=True))

    def _is_apart(self, images: int, geometry: Geometry) -> bool:
        """Whether there are few tiles, so that most of the work is to bring the weights to the other basis."""
        return images * math.prod(self.grid(geometry)) < min(APART, self.registers(geometry)[1] * self.lanes)

    def _block(self, images: int, geometry: Geometry) -> Pair:
        """Images in a block, and rows of tiles."""
        down, right = self.grid(geometry)
        most = APART if self._is_apart(images, geometry) and self.what != "back" else TOGETHER[self.what]
        if down * right > most:
            return 1, max(1, most // right)
        return max(1, min(most // (down * right), images)), down

    def _parts(self, geometry: Geometry, block: tuple[int, int, int], apart: bool) -> list[int]:
        """Registers of the parts of the room: see `Blocks`."""
        (down, right), (together, band, tiles), count = self.grid(geometry), block, self.reach**2
        summed, made = self.registers(geometry)
        panels = -(-made // self.across)
        padded = (down * self.tile + self.taps - 1) * (right * self.tile + self.taps - 1) + self.lanes
        even = down * right * self.tile**2 + self.lanes
        back = self.what == "back"
        pixels = panels * padded if back else band * right * self.tile**2
        weights = count * (summed * self.lanes + 1) * (1 if apart and not back else panels)
        return [
            summed * (even if back else padded), count * tiles * summed, count * tiles * self.across,
            together * pixels * self.across, weights * self.across,
        ]  # fmt: skip

    def _seen(self, geometry: Geometry) -> Geometry:
        """The convolution that is computed."""
        return geometry.back or geometry if self.what == "turned" else geometry

    def registers(self, geometry: Geometry) -> Pair:
        """Of the channels that are summed over and of those that are made, phase by phase."""
        g = self._seen(geometry)
        images, results = -(-g.channels // self.lanes) * self.phases, -(-g.out // self.lanes)
        return (results, images) if self.what == "back" else (images, results)

    def grid(self, geometry: Geometry) -> Pair:
        """Tiles down and across an image."""
        rows, columns = self._seen(geometry).places
        return -(-rows // self.tile), -(-columns // self.tile)

    def products(self, geometry: Geometry) -> int:
        """How many there are for each pair of channels of an image."""
        return math.prod(self.grid(geometry)) * self.reach**2 * self.phases

    def pays(self, images: int, geometry: Geometry) -> bool:
        """Whether it is faster than computing directly."""
        tiles, directly = math.prod(self.grid(geometry)), math.prod(geometry.places) * self.window
        enough = min(geometry.channels, geometry.out, images * tiles) >= FEWEST
        return enough and GAIN * self.products(geometry) <= directly


def winograd(what: str, kind: str, images: int, geometry: Geometry, vector_bytes: int) -> Winograd | None:
    """The kernel for so many images where it can be used and pays, for "conv", "input" or "weight"; None elsewhere."""
    if kind != FLOAT or not fits(geometry):
        return None
    ways = [what] if what != "input" else ["turned", "back"] if geometry.back else ["back"]
    cuts = [cut_of(way, geometry, vector_bytes) for way in ways]
    best = min(cuts, key=lambda cut: cut.products(geometry))
    return best if best.pays(images, geometry) else None


def fits(g: Geometry) -> bool:
    """Whether windows are squares that a stride cuts into phases with as many taps as tiles are made for.

    Every pixel must be seen by a window: what lies behind the last one is not there.
    """
    kernel, stride = g.kernel[0], g.stride[0]
    square = (g.kernel, g.stride, g.dilation, g.groups) == ((kernel, kernel), (stride, stride), (1, 1), 1)
    rests = [(n + sum(pads) - kernel) % stride for n, pads in zip(g.size, g.pads, strict=True)]
    return square and stride in STRIDES and kernel % stride == 0 and kernel // stride in TILE and not any(rests)


def cut_of(what: str, g: Geometry, vector_bytes: int) -> Winograd:
    """The kernel for such images. Panels are narrow where more is not needed, or one thread would have everything."""
    cut = Winograd(what, g.kernel[0] // g.stride[0], vector_bytes, g.stride[0])
    made = cut.registers(g)[1]
    return replace(cut, across=1 if made <= (ACROSS if what == "weight" else 1) else ACROSS)
