"""Batches of a split in a seeded order that is the same after every interruption."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array, same_length, whole
from descend.data.dataset import Split
from descend.data.draws import Draws
from descend.data.prefetch import ahead
from descend.data.transforms.compose import DrawingTransform, Transform, drawing
from descend.engine import philox
from descend.engine.errors import UsageError

Batch = tuple[Array, Array]


class Loader:
    """Batches (x, y) of `batch_size` examples; the last one of an epoch may be smaller.

    The order of epoch e is a random permutation that depends on (seed, e) alone, or with shuffle=False the
    split's own. transform: called as transform(x, y) -> (x, y) on each batch; one that is random is called as
    transform(x, y, draws), with random numbers that depend on (seed, epoch, index of the example) alone. prefetch:
    how many batches a background thread makes in advance; 0 makes each when it is asked for, without a thread.
    drop_last leaves out a smaller last batch.

    x: shape (b, ...), y: shape (b,) or (b, d), b <= batch_size; both are fresh arrays.
    Raises UsageError for a batch size below 1, a transform that does not take (x, y), and where drop_last
    leaves no batch.
    """

    def __init__(
        self,
        split: Split,
        batch_size: int,
        *,
        shuffle: bool = True,
        seed: int = 0,
        transform: Transform | DrawingTransform | None = None,
        prefetch: int = 2,
        drop_last: bool = False,
    ) -> None:
        if not isinstance(split, Split):
            raise UsageError(
                "a loader goes through a split of a data set",
                given=type(split).__name__,
                needed="a Split",
                fix="data.train or data.test of a data set, or data.Split(x, y) of arrays",
            )
        self.split = split
        self.batch_size = whole(batch_size, "batch_size", 1)
        self.shuffle, self.seed, self.drop_last = shuffle, whole(seed, "seed", 0), drop_last
        self.transform = None if transform is None else drawing(transform)
        self.prefetch = whole(prefetch, "prefetch", 0)
        if len(self) == 0:
            raise UsageError(
                "drop_last leaves no batch",
                given=f"{len(split)} examples and batch_size = {self.batch_size}",
                needed="at least one full batch",
            )

    def __len__(self) -> int:
        """Batches in an epoch."""
        full, rest = divmod(len(self.split), self.batch_size)
        return full + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Batch]:
        raise UsageError(
            "a loader is gone through one epoch at a time",
            given="for x, y in loader",
            needed="the number of the epoch, on which the order depends",
            fix="for epoch in range(5): for x, y in loader.epoch(epoch): ...",
        )

    def order(self, epoch: int) -> NDArray[np.int64]:
        """The indices of the examples in the order of one epoch. Shape (n,)."""
        n = len(self.split)
        return philox.permutation(n, self.seed, stream=epoch) if self.shuffle else np.arange(n)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of one epoch from batch `start` on: exactly the tail of the whole epoch.

        Raises UsageError for epoch < 0 or start outside 0 .. len(self).
        """
        batches = self._batches(whole(epoch, "epoch", 0), whole(start, "start", 0, len(self)))
        return ahead(batches, self.prefetch) if self.prefetch else batches

    def _batches(self, epoch: int, start: int) -> Iterator[Batch]:
        order = self.order(epoch)
        for i in range(start, len(self)):
            yield self._batch(epoch, order[i * self.batch_size : (i + 1) * self.batch_size])

    def _batch(self, epoch: int, indices: NDArray[np.int64]) -> Batch:
        x, y = self.split.x[indices], self.split.y[indices]
        if self.transform is not None:
            x, y = self.transform(x, y, Draws(self.seed, epoch, indices))
            same_length(x, y, "x after the transform", "y after it")
        return x, y
