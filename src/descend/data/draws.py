"""Random numbers for what is done to examples: a pure function of (seed, epoch, index of the example).

So an example is changed in the same way in whatever batch it comes, on whichever thread, and after every resume.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from descend.engine import philox

Floats = NDArray[np.float32]

_WORD = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True)
class Draws:
    """The random numbers of a batch in one epoch.

    indices: where the examples stand in the split, shape (b,). site: which of several transforms draws; each has
    numbers of its own. The stream of the model (`engine.random`) and the order of the epoch are never touched.
    """

    seed: int
    epoch: int
    indices: NDArray[np.int64]
    site: int = 0

    def __len__(self) -> int:
        return len(self.indices)

    def at(self, site: int) -> Draws:
        """The same for another site."""
        return replace(self, site=site)

    def bits(self, n: int) -> NDArray[np.uint32]:
        """Random 32-bit words, n for each example. Shape (b, n)."""
        blocks = philox.blocks(n)
        index = np.repeat(self.indices.astype(np.uint64) & _WORD, blocks)
        block = np.tile(np.arange(blocks, dtype=np.uint64), len(self))
        epoch, site = np.full_like(index, self.epoch & 0xFFFFFFFF), np.full_like(index, self.site + 1)
        words = philox.philox((block, index, epoch, site), (self.seed & 0xFFFFFFFF, (self.seed >> 32) & 0xFFFFFFFF))
        return np.stack(words, axis=1).astype(np.uint32).reshape(len(self), -1)[:, :n]

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Floats:
        """Uniform in [low, high), independent for each example. Shape (b, *shape)."""
        n = int(np.prod(shape, dtype=np.int64))
        # 24 bits are what float32 holds: more would round up to 1.
        fraction = (self.bits(n) >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)
        return np.asarray(low + (high - low) * fraction, np.float32).reshape(len(self), *shape)

    def normal(self, *shape: int, std: float = 1.0) -> Floats:
        """Normal with mean 0, by Box and Muller 1958. Shape (b, *shape)."""
        n = int(np.prod(shape, dtype=np.int64))
        u = self.uniform(2, n)
        radius = np.sqrt(-2 * np.log(1 - u[:, 0]))
        return np.asarray(std * radius * np.cos(2 * np.pi * u[:, 1]), np.float32).reshape(len(self), *shape)

    def integers(self, n: int) -> NDArray[np.int64]:
        """One of 0 .. n-1 for each example. Shape (b,)."""
        return ((self.bits(1)[:, 0].astype(np.uint64) * np.uint64(n)) >> np.uint64(32)).astype(np.int64)
