"""Which numbers a convolution multiplies: where windows and their taps lie, forwards and on the way back.

Forwards, neighbouring results look at windows that are a stride apart. On the way back it is results that are a stride
apart which neighbouring cotangents give: for each place modulo the stride, the *phase*, the gradient of the input is a
convolution of the cotangent with every so many taps, in the opposite order. No zero is put between cotangents.

Along one axis, result y of the gradient is the sum over taps i of weight[i] * cotangent[(y + padding - i * dilation) /
stride], for the i that the stride divides without a rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

Sizes = tuple[int, ...]
Pair = tuple[int, int]
AXES = 3  # of every layout: what has fewer has length 1 along the first ones


@dataclass(frozen=True)
class Geometry:
    """Images of `channels` and `size` in each group, padded, under a window that gives `out` channels in each group."""

    channels: int
    size: Sizes
    out: int
    kernel: Sizes
    stride: Sizes
    pads: tuple[Pair, ...]
    dilation: Sizes
    groups: int = 1

    @property
    def places(self) -> Sizes:
        """How many places the window takes along each axis."""
        axes = zip(self.size, self.pads, self.kernel, self.dilation, self.stride, strict=True)
        return tuple((n + sum(pair) - (k - 1) * d - 1) // s + 1 for n, pair, k, d, s in axes)

    @property
    def taps(self) -> int:
        """Taps of the window."""
        return math.prod(self.kernel)

    @property
    def is_product(self) -> bool:
        """Whether each image is one window: then all three are products of matrices."""
        return self.size == self.kernel and self.groups == 1 and not any(map(any, self.pads))

    @property
    def back(self) -> Geometry | None:
        """The convolution of cotangents that gives the gradient of images, where the stride is 1.

        None with another stride, or with more padding than the taps reach.
        """
        axes = zip(self.kernel, self.dilation, self.pads, strict=True)
        pads = tuple(((k - 1) * d - before, (k - 1) * d - after) for k, d, (before, after) in axes)
        if set(self.stride) != {1} or min(map(min, pads)) < 0:
            return None
        return replace(self, channels=self.out, size=self.places, out=self.channels, pads=pads)

    @property
    def volume(self) -> Geometry:
        """The same with three axes. Where the window is one pixel that moves by one, an image is one line."""
        if {*self.kernel, *self.stride} == {1} and not any(map(any, self.pads)):
            return self._lengthened((math.prod(self.size),), 1)
        return self._lengthened(self.size, len(self.size))

    def _lengthened(self, size: Sizes, axes: int) -> Geometry:
        ones = (1,) * (AXES - axes)
        kernel, stride, dilation = ((*ones, *x[-axes:]) for x in (self.kernel, self.stride, self.dilation))
        pads = (*((0, 0) for _ in ones), *self.pads[-axes:])
        return replace(self, size=(*ones, *size), kernel=kernel, stride=stride, dilation=dilation, pads=pads)


@dataclass(frozen=True)
class Phase:
    """Results that have their taps in common: the first of them; of each tap its number and its place, seen from there.

    Places are those in the padded source.
    """

    first: Sizes
    taps: tuple[tuple[int, Sizes], ...]


@dataclass(frozen=True)
class Layout:
    """Where results and what they are sums of lie, along three axes.

    Result `first + step * q` of a phase, for q below `count`, is the sum over channels and over its taps of weight
    times padded source at `place + move * q`. Where the size of the result is no multiple of the step, a few lie
    outside.
    """

    channels: int
    size: Sizes
    pads: tuple[Pair, ...]
    out: int
    result: Sizes
    count: Sizes
    move: Sizes
    step: Sizes
    phases: tuple[Phase, ...]

    @property
    def padded(self) -> Sizes:
        """Lengths of the source with its padding."""
        return tuple(n + sum(pair) for n, pair in zip(self.size, self.pads, strict=True))

    @property
    def plane(self) -> int:
        """Numbers in a padded channel."""
        return math.prod(self.padded)

    def distance(self, place: Sizes) -> int:
        """How far this place is from the first one, in a padded channel."""
        _, rows, columns = self.padded
        return (place[0] * rows + place[1]) * columns + place[2]


def forwards(geometry: Geometry) -> Layout:
    """The convolution: one phase."""
    g = geometry.volume
    spaced = (range(0, k * d, d) for k, d in zip(g.kernel, g.dilation, strict=True))
    whole = Phase((0,) * AXES, tuple(enumerate(product(*spaced))))
    return Layout(g.channels, g.size, g.pads, g.out, g.places, g.places, g.stride, (1,) * AXES, (whole,))


def backwards(geometry: Geometry) -> Layout:
    """The gradient of the input: a phase for each place modulo the stride."""
    g = geometry.volume
    axes = [[*_phases(g, axis)] for axis in range(AXES)]
    count = tuple(-(-n // s) for n, s in zip(g.size, g.stride, strict=True))
    spans = [[at for _, taps in axis for _, at in taps] or [0] for axis in axes]
    before = [max(0, -min(span)) for span in spans]
    behind = [max(0, max(span) + n - m) for span, n, m in zip(spans, count, g.places, strict=True)]
    phases = tuple(_joined(parts, g.kernel, before) for parts in product(*axes))
    pads = tuple(zip(before, behind, strict=True))
    return Layout(g.out, g.places, pads, g.channels, g.size, count, (1,) * AXES, g.stride, phases)


_AxisPhase = tuple[int, list[Pair]]


def _phases(g: Geometry, axis: int) -> Iterator[_AxisPhase]:
    """Along one axis: the first result of each phase, and the taps with the cotangents that they see from there."""
    stride, dilation, before = g.stride[axis], g.dilation[axis], g.pads[axis][0]
    for first in range(min(stride, g.size[axis])):
        seen = [(tap, first + before - tap * dilation) for tap in range(g.kernel[axis])]
        yield first, [(tap, place // stride) for tap, place in seen if place % stride == 0]


def _joined(parts: tuple[_AxisPhase, ...], kernel: Sizes, before: list[int]) -> Phase:
    """A phase of three axes from one of each."""
    taps = []
    for (a, at_a), (b, at_b), (c, at_c) in product(*(taps for _, taps in parts)):
        place = tuple(at + pad for at, pad in zip((at_a, at_b, at_c), before, strict=True))
        taps.append(((a * kernel[1] + b) * kernel[2] + c, place))
    return Phase(tuple(first for first, _ in parts), tuple(taps))
