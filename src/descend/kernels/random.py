"""Random numbers: Philox4x32-10 on counters, as words, uniform reals or standard normals.

The same stream as `engine.philox`, bit for bit; normals, by Box and Muller, to rounding. Arguments of the kernel: how
many numbers; the addresses of the seed, of the counter and of the result.

Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from descend.kernels.code import DOUBLE, FLOAT, INDEX, Function, Term, real, whole
from descend.kernels.mathematics import FUNCTIONS
from descend.kernels.once import once

MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
WEYL = 0x9E3779B9, 0xBB67AE85
LOW = 0xFFFFFFFF
ROUNDS = 10
WORD = "i32"


@dataclass(frozen=True)
class Random:
    """What to draw, "bits", "uniform" or "normal", and the type of the numbers."""

    what: str
    kind: str

    @once
    def source(self, name: str = "random") -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, name).code.text()


class _Writer:
    def __init__(self, random: Random, name: str) -> None:
        self.random, self.code = random, Function(name)
        code = self.code
        self.keys = self._keys(code.load(INDEX, code.pointer(1)))
        self.start, out = code.load(INDEX, code.pointer(2)), code.pointer(3)
        n, each = code.number(0), 2 if random.kind == DOUBLE else 4
        full = code.binary("sdiv", n, whole(each))
        thread, threads = code.parameter("thread"), code.parameter("threads")
        first, last = (code.binary("sdiv", code.mul(full, t), threads) for t in (thread, code.add(thread, 1)))
        with code.loop(first, last, parallel=True) as block:
            for i, number in enumerate(self._numbers(block)):
                code.store(number, out, code.add(code.mul(block, each), i))
        rest = code.mul(full, each)
        with code.when(code.compare("eq", thread, whole(0))), code.when(code.compare("slt", rest, n)):
            for i, number in enumerate(self._numbers(full)):
                with code.when(code.compare("slt", code.add(rest, i), n)):
                    code.store(number, out, code.add(rest, i))

    def _keys(self, seed: Term) -> list[tuple[Term, Term]]:
        """The keys of the rounds: each is the one before and a constant."""
        code = self.code
        keys = [(self._low(seed), self._high(seed))]
        for _ in range(1, ROUNDS):
            a, b = (self._low(code.add(key, weyl)) for key, weyl in zip(keys[-1], WEYL, strict=True))
            keys.append((a, b))
        return keys

    def _low(self, x: Term) -> Term:
        return self.code.binary("and", x, whole(LOW))

    def _high(self, x: Term) -> Term:
        return self.code.binary("lshr", x, whole(32))

    def _words(self, block: Term) -> list[Term]:
        """Four words of 32 bits in numbers of 64: products keep all their bits."""
        code, counter = self.code, self.code.add(self.start, block)
        c = [self._low(counter), self._high(counter), whole(0), whole(0)]
        for k0, k1 in self.keys:
            p0, p1 = (code.mul(x, m) for x, m in zip((c[0], c[2]), MULTIPLIERS, strict=True))
            mixed = [code.binary("xor", code.binary("xor", self._high(p), x), k)
                     for p, x, k in ((p1, c[1], k0), (p0, c[3], k1))]  # fmt: skip
            c = [mixed[0], self._low(p1), mixed[1], self._low(p0)]
        return c

    def _numbers(self, block: Term) -> list[Term]:
        words = self._words(block)
        if self.random.what == "bits":
            return [self.code.convert("trunc", word, WORD) for word in words]
        units = self._doubles(words) if self.random.kind == DOUBLE else [self._float(word) for word in words]
        if self.random.what == "uniform":
            return units
        return [normal for i in range(0, len(units), 2) for normal in self._pair(units[i], units[i + 1])]

    def _float(self, word: Term) -> Term:
        """On [0, 1), from the upper 24 bits."""
        bits = self.code.convert("trunc", self.code.binary("lshr", word, whole(8)), WORD)
        return self.code.binary("fmul", self.code.convert("sitofp", bits, FLOAT), real(2.0**-24))

    def _doubles(self, words: list[Term]) -> list[Term]:
        """On [0, 1), from the upper 53 bits of two words each."""
        code = self.code
        pairs = [code.binary("or", code.binary("shl", a, whole(32)), b) for a, b in (words[:2], words[2:])]
        bits = [code.convert("sitofp", code.binary("lshr", pair, whole(11)), DOUBLE) for pair in pairs]
        return [code.binary("fmul", number, real(2.0**-53, DOUBLE)) for number in bits]

    def _pair(self, u: Term, v: Term) -> tuple[Term, Term]:
        """Two normals from two uniform numbers. 1 - u is in (0, 1], so its logarithm is finite."""
        code, kind = self.code, u.kind
        logarithm = FUNCTIONS["log"](code, code.binary("fsub", real(1.0, kind), u))
        radius = FUNCTIONS["sqrt"](code, code.binary("fmul", real(-2.0, kind), logarithm))
        angle = code.binary("fmul", real(2 * math.pi, kind), v)
        x, y = (code.binary("fmul", radius, FUNCTIONS[name](code, angle)) for name in ("cos", "sin"))
        return x, y
