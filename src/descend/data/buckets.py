"""Batches of sequences that are about equally long, so that little is padded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.data.loader import Loader
from descend.data.padding import lengths
from descend.engine import philox

POOL = 50  # batches


class BucketLoader(Loader):
    """A Loader whose batches hold sequences of similar length.

    The random order of the epoch is cut into pools of 50 batches, each pool is sorted by length, and the full batches
    are put in random order. Like every order it depends on (seed, epoch) alone; shuffle=False sorts all by length.
    """

    def order(self, epoch: int) -> NDArray[np.int64]:
        """The indices of the examples in the order of one epoch. Shape (n,)."""
        order, length = super().order(epoch), lengths(self.split.x)
        if not self.shuffle:
            return np.argsort(length, kind="stable")
        pool = POOL * self.batch_size
        pools = [order[i : i + pool] for i in range(0, len(order), pool)]
        return self._mixed(np.concatenate([p[np.argsort(length[p], kind="stable")] for p in pools]), epoch)

    def _mixed(self, order: NDArray[np.int64], epoch: int) -> NDArray[np.int64]:
        full = len(order) // self.batch_size
        batches = order[: full * self.batch_size].reshape(full, self.batch_size)
        # The high half of the stream is free: the low half, the epoch itself, made the order of the examples.
        mixed = batches[philox.permutation(full, self.seed, stream=epoch | 1 << 63)]
        return np.concatenate([mixed.reshape(-1), order[full * self.batch_size :]])
