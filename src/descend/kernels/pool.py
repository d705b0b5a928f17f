"""Pooling of planes: the largest of each window or the sum, and the ways back.

    "max"      y = largest of a window                 "sum"      y = sum of a window
    "places"   p = number of the tap that won          "spread"   x += y at every tap of its window
    "take"     y = x at the tap p of each window
    "put"      x += y at the tap p of its window
    "both"     y and p

Sizes are part of the kernel. Where there is padding, a plane is first copied into the middle of a padded one, or at the
end out of it. Arguments: the number of planes; the arrays that are read, x, y, p in this order; the results; room
for a plane where there is padding. Places are 16-bit numbers of taps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from descend.kernels.code import Function, Term, real, vector, whole
from descend.kernels.once import once
from descend.kernels.tile import SIZES

Pair = tuple[int, int]
PLACE = "i16"
NONE = ((0, 0), (0, 0))
BACK = frozenset({"put", "spread"})  # from places to planes
LARGEST = frozenset({"max", "places", "both"})
WITH_PLACES = frozenset({"put", "take"})
REGISTER = 64  # bytes of a vector of windows: where registers are narrower, several stand for it


@dataclass(frozen=True)
class Pool:
    """What to compute of planes of this size."""

    what: str
    kind: str
    size: Pair
    kernel: Pair
    stride: Pair
    dilation: Pair
    pads: tuple[Pair, Pair] = NONE

    @property
    def wide(self) -> Pair:
        """Rows and columns of a padded plane."""
        return self.size[0] + sum(self.pads[0]), self.size[1] + sum(self.pads[1])

    @property
    def places(self) -> Pair:
        """Rows and columns of windows."""
        h, w = ((n - (k - 1) * d - 1) // s + 1 for n, k, d, s in
                zip(self.wide, self.kernel, self.dilation, self.stride, strict=True))  # fmt: skip
        return h, w

    @property
    def taps(self) -> list[int]:
        """Where each tap lies, from the corner of its window."""
        (rows, columns), (high, across) = self.kernel, self.dilation
        return [i * high * self.wide[1] + j * across for i in range(rows) for j in range(columns)]

    @property
    def is_apart(self) -> bool:
        """Whether each window has pixels of its own, two beside each other in every line."""
        side_by_side = self.kernel == self.stride and self.kernel[1] == 2 and self.dilation == (1, 1)
        return side_by_side and self.places[1] > 1

    @property
    def is_covered(self) -> bool:
        """Whether such windows leave no pixel out."""
        return self.is_apart and self.wide == tuple(n * s for n, s in zip(self.places, self.stride, strict=True))

    @property
    def lanes(self) -> int:
        """Neighbouring windows that are computed at once: a power of two, no more than are in a row."""
        if self.what == "take" or self.stride[1] > 2 or (self.what in BACK and not self.is_apart):
            return 1
        return min(REGISTER // SIZES[self.kind], 1 << (self.places[1].bit_length() - 1))

    @property
    def room(self) -> int:
        """Bytes that a thread needs: a padded plane, if there is padding."""
        return 0 if self.pads == NONE else math.prod(self.wide) * SIZES[self.kind]

    @once
    def source(self, name: str = "pool") -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, name).code.text()


class _Writer:
    def __init__(self, pool: Pool, name: str) -> None:
        self.pool, self.code = pool, Function(name)
        code, self.back = self.code, pool.what in BACK
        self.read = [code.pointer(i) for i in range(1, 3 if pool.what in WITH_PLACES else 2)]
        self.results = [code.pointer(len(self.read) + i) for i in range(1, 3 if pool.what == "both" else 2)]
        self.table = code.table(pool.taps)
        thread, threads = code.parameter("thread"), code.parameter("threads")
        first, last = (code.binary("sdiv", code.mul(code.number(0), t), threads) for t in (thread, code.add(thread, 1)))
        with code.loop(first, last) as number:
            plane = code.address(pool.kind, self.results[0] if self.back else self.read[0], self._start(number))
            self.plane = self._entered(plane)
            self._windows(number)
            if self.back and pool.room:
                self._copy(self.plane, plane, outwards=True)

    def _start(self, number: Term) -> Term:
        return self.code.mul(number, math.prod(self.pool.size))

    def _entered(self, plane: Term) -> Term:
        """The plane that windows look at: the given one, or a padded copy; blank on the way back."""
        code, pool = self.code, self.pool
        if pool.room:
            number = len(self.read) + len(self.results) + 1
            place = code.add(code.number(number), code.mul(code.parameter("thread"), pool.room))
            wide = code.bounds.begin(code.define("ptr", f"inttoptr {place} to ptr"), whole(pool.room), number)
            self._fill(wide, -math.inf if pool.what in LARGEST else 0.0)
            if not self.back:
                self._copy(plane, wide, outwards=False)
            return wide
        if self.back and not pool.is_covered:
            self._fill(plane, 0.0)
        return plane

    def _fill(self, plane: Term, number: float) -> None:
        with self.code.loop(0, math.prod(self.pool.wide), parallel=True) as i:
            self.code.store(real(number, self.pool.kind), plane, i)

    def _copy(self, source: Term, target: Term, outwards: bool) -> None:
        """A plane into the middle of a padded one, or out of it."""
        code, pool = self.code, self.pool
        (top, _), (left, _) = pool.pads
        with code.loop(0, pool.size[0]) as y:
            inner = code.mul(y, pool.size[1])
            outer = code.add(code.mul(code.add(y, top), pool.wide[1]), left)
            begin, end = (outer, inner) if outwards else (inner, outer)
            with code.loop(0, pool.size[1], parallel=True) as x:
                code.store(code.load(pool.kind, source, code.add(begin, x)), target, code.add(end, x))

    def _windows(self, number: Term) -> None:
        code, pool = self.code, self.pool
        height, width = pool.places
        with code.loop(0, height) as y:
            corner = code.mul(y, pool.stride[0] * pool.wide[1])
            row = code.mul(code.add(code.mul(number, height), y), width)
            # Windows that overlap put into the same place: only what reads may be done side by side.
            with code.loop(0, -(-width // pool.lanes), parallel=not self.back and pool.lanes == 1) as turn:
                x = self._smaller(code.mul(turn, pool.lanes), width - pool.lanes) if pool.lanes > 1 else turn
                self._window(code.add(corner, code.mul(x, pool.stride[1])), code.add(row, x))

    def _smaller(self, x: Term, most: int) -> Term:
        """The last windows of a row may be computed twice, so that there are always enough to fill a register."""
        return self.code.select(self.code.compare("slt", x, whole(most)), x, whole(most))

    def _seen(self, at: Term) -> Term:
        """What the windows from here on see at one of their taps."""
        code, pool = self.code, self.pool
        if pool.lanes == 1:
            return code.load(pool.kind, self.plane, at)
        kind, lanes = vector(pool.kind, pool.lanes), pool.lanes
        near = code.load(kind, self.plane, at)
        if pool.stride[1] == 1:
            return near
        far = code.load(kind, self.plane, code.add(at, lanes - 1))  # no further than the last one that is needed
        return code.shuffle(near, far, [2 * i if 2 * i < lanes else 2 * i + 1 for i in range(lanes)])

    def _number(self, tap: int) -> Term:
        """The number of a tap, for each window."""
        lanes = self.pool.lanes
        if lanes == 1:
            return whole(tap, PLACE)
        return Term(vector(PLACE, lanes), f"<{', '.join([f'{PLACE} {tap}'] * lanes)}>")

    def _window(self, corner: Term, place: Term) -> None:
        """The windows from element `corner` of the plane on; their results are elements `place` on."""
        code, pool = self.code, self.pool
        if self.back:
            self._put(corner, place)
        elif pool.what == "take":
            code.store(code.load(pool.kind, self.plane, self._tap(corner, place)), self.results[0], place)
        else:
            seen = [self._seen(code.add(corner, tap)) for tap in pool.taps]
            found = [self._sum(seen)] if pool.what == "sum" else self._largest(seen)
            for value, result in zip(found, self.results, strict=True):
                code.store(value, result, place)

    def _put(self, corner: Term, place: Term) -> None:
        code, pool = self.code, self.pool
        if pool.is_apart:
            self._lay(corner, place)
        elif pool.what == "put":
            self._add(code.load(pool.kind, self.read[0], place), self._tap(corner, place))
        else:
            given = code.load(pool.kind, self.read[0], place)
            for tap in pool.taps:
                self._add(given, code.add(corner, tap))

    def _lay(self, corner: Term, place: Term) -> None:
        """All pixels of windows that have two of their own in each line: what is put there, or 0."""
        code, pool, lanes = self.code, self.pool, self.pool.lanes
        given = code.load(vector(pool.kind, lanes), self.read[0], place)
        pairs = [[given, given]] * pool.kernel[0]
        if pool.what == "put":
            won, nothing = code.load(vector(PLACE, lanes), self.read[1], place), Term(given.kind, "zeroinitializer")
            here = [code.compare("eq", won, self._number(tap)) for tap in range(len(pool.taps))]
            laid = [code.select(condition, given, nothing) for condition in here]
            pairs = [laid[i : i + 2] for i in range(0, len(laid), 2)]
        for (left, right), tap in zip(pairs, pool.taps[::2], strict=True):
            in_turns = [i // 2 + i % 2 * lanes for i in range(2 * lanes)]
            code.store(code.shuffle(left, right, in_turns), self.plane, code.add(corner, tap))

    def _add(self, value: Term, at: Term) -> None:
        before = self.code.load(self.pool.kind, self.plane, at)
        self.code.store(self.code.binary("fadd", before, value), self.plane, at)

    def _tap(self, corner: Term, place: Term) -> Term:
        """Where the tap lies that won."""
        code = self.code
        tap = code.convert("sext", code.load(PLACE, self.read[1], place), "i64")
        return code.add(corner, code.load("i64", self.table, tap, plain=True))

    def _sum(self, seen: list[Term]) -> Term:
        total = seen[0]
        for tap in seen[1:]:
            total = self.code.binary("fadd", total, tap)
        return total

    def _largest(self, seen: list[Term]) -> list[Term]:
        """The largest, the number of the first tap that is, or both."""
        code, best, number = self.code, seen[0], self._number(0)
        for i, tap in enumerate(seen[1:], 1):
            larger = code.compare("ogt", tap, best)
            number = code.select(larger, self._number(i), number)
            best = code.select(code.compare("uno", tap, tap), tap, code.select(larger, tap, best))
        return {"max": [best], "places": [number], "both": [best, number]}[self.pool.what]
