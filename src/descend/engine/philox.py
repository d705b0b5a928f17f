"""Philox4x32-10, a counter-based random generator: random numbers as a pure function of (key, counter).

Works on NumPy arrays only. `engine.random` makes the framework's operations of it.
Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_MULTIPLIER = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
ROUNDS = 10


def philox(counter: tuple[Words, Words, Words, Words], key: tuple[int, int]) -> tuple[Words, ...]:
    """Ten rounds of Philox on four arrays of 32-bit words (held in uint64): four arrays of 32-bit words."""
    c0, c1, c2, c3 = counter
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    for round_ in range(ROUNDS):
        if round_:
            k0, k1 = (k0 + _WEYL[0]) & _LOW, (k1 + _WEYL[1]) & _LOW
        p0, p1 = c0 * _MULTIPLIER[0], c2 * _MULTIPLIER[1]
        c0, c1, c2, c3 = (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _LOW, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _LOW
    return c0, c1, c2, c3


def blocks(n: int) -> int:
    """How many counter values n random 32-bit words use up (four words each)."""
    return -(-n // 4)


def bits(n: int, seed: int, start: int = 0, stream: int = 0) -> NDArray[np.uint32]:
    """n random 32-bit words from the counters start, start + 1, ... of one stream. Shape (n,)."""
    index = np.arange(blocks(n), dtype=np.uint64) + np.uint64(start)
    high = np.full_like(index, np.uint64(stream & 0xFFFFFFFF)), np.full_like(index, np.uint64(stream >> 32))
    words = philox((index & _LOW, index >> _SHIFT, *high), (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF))
    return np.stack(words, axis=1).reshape(-1)[:n].astype(np.uint32)


def permutation(n: int, seed: int, stream: int = 0) -> NDArray[np.int64]:
    """A random order of 0 .. n-1: the order that sorts n random 64-bit keys. Shape (n,)."""
    words = bits(2 * n, seed, stream=stream).astype(np.uint64).reshape(n, 2)
    return np.argsort((words[:, 0] << _SHIFT) | words[:, 1], kind="stable")
