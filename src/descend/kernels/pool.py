"""Max-pooling of planes: the largest of each window, the tap that won, and the way back.

Sizes are part of the kernel, windows lie inside the plane (no padding). Arguments: the number of planes; then x and the
result ("max", "places"), or cotangents, places and the result ("put"). Places are 16-bit numbers of taps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from descend.kernels.code import Function, Term, real, whole

Pair = tuple[int, int]
PLACE = "i16"


@dataclass(frozen=True)
class Pool:
    """What to compute of planes of this size: "max", "places" or "put"."""

    what: str
    kind: str
    size: Pair
    kernel: Pair
    stride: Pair
    dilation: Pair

    @property
    def places(self) -> Pair:
        """Rows and columns of windows."""
        h, w = ((n - (k - 1) * d - 1) // s + 1 for n, k, d, s in
                zip(self.size, self.kernel, self.dilation, self.stride, strict=True))  # fmt: skip
        return h, w

    @property
    def taps(self) -> list[int]:
        """Where each tap lies, from the corner of its window."""
        (rows, columns), (high, wide) = self.kernel, self.dilation
        return [i * high * self.size[1] + j * wide for i in range(rows) for j in range(columns)]

    def source(self, name: str = "pool") -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, name).code.text()


class _Writer:
    def __init__(self, pool: Pool, name: str) -> None:
        self.pool, self.code = pool, Function(name)
        code = self.code
        planes, (height, width) = code.number(0), pool.places
        self.arrays = [code.pointer(i) for i in range(1, 4 if pool.what == "put" else 3)]
        self.table = code.table(pool.taps)
        thread, threads = code.parameter("thread"), code.parameter("threads")
        first, last = (code.binary("sdiv", code.mul(planes, t), threads) for t in (thread, code.add(thread, 1)))
        with code.loop(first, last) as plane:
            image = code.mul(plane, math.prod(pool.size))
            if pool.what == "put":
                self._clear(image)
            with code.loop(0, height) as y:
                corner = code.add(image, code.mul(y, pool.stride[0] * pool.size[1]))
                row = code.mul(code.add(code.mul(plane, height), y), width)
                # Windows that overlap put into the same place: only what reads may be done side by side.
                with code.loop(0, width, parallel=pool.what != "put") as x:
                    self._window(code.add(corner, code.mul(x, pool.stride[1])), code.add(row, x))

    def _clear(self, image: Term) -> None:
        with self.code.loop(0, math.prod(self.pool.size), parallel=True) as i:
            self.code.store(real(0.0, self.pool.kind), self.arrays[2], self.code.add(image, i))

    def _window(self, corner: Term, place: Term) -> None:
        """One window, whose first tap is element `corner`; its result is element `place`."""
        code, kind = self.code, self.pool.kind
        if self.pool.what == "put":
            g, places, image = self.arrays
            tap = code.convert("sext", code.load(PLACE, places, place), "i64")
            at = code.add(corner, code.load("i64", self.table, tap, plain=True))
            code.store(code.binary("fadd", code.load(kind, image, at), code.load(kind, g, place)), image, at)
            return
        seen = [code.load(kind, self.arrays[0], code.add(corner, tap)) for tap in self.pool.taps]
        best, number = seen[0], whole(0, PLACE)
        for i, tap in enumerate(seen[1:], 1):
            larger = code.compare("ogt", tap, best)
            number = code.select(larger, whole(i, PLACE), number)
            best = code.select(code.compare("uno", tap, tap), tap, code.select(larger, tap, best))
        code.store(best if self.pool.what == "max" else number, self.arrays[1], place)
