"""One long text as batches of neighbouring pieces, for truncated backpropagation through time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import labels, whole
from descend.data.errors import DataError

Numbers = NDArray[np.int64]


class Streams:
    """Batches (x, y) of numbers, y one place ahead of x, whose rows go on where they ended in the batch before.

    The text is cut into `batch_size` equal pieces, and each is read from left to right, `steps` numbers a batch: the
    state that a recurrent network has after row i of one batch is the state with which row i of the next begins. What
    is left at the end of each piece is left out.
    ids: the encoded text, shape (T,). x, y: int64, shape (batch_size, steps).
    Raises DataError where the text is too short for one batch.
    """

    def __init__(self, ids: Numbers, batch_size: int, steps: int) -> None:
        self.batch_size, self.steps = whole(batch_size, "batch_size", 1), whole(steps, "steps", 1)
        ids = labels(ids, "ids")
        self._piece = (len(ids) - 1) // self.batch_size
        if self._piece < self.steps:
            raise DataError(
                "the text is too short for one batch",
                given=f"{len(ids)} numbers",
                needed=f"{self.batch_size} x {self.steps} + 1 = {self.batch_size * self.steps + 1} or more",
                fix="lower batch_size or steps",
            )
        held = self._piece * self.batch_size
        self._x = ids[:held].reshape(self.batch_size, -1)
        self._y = ids[1 : held + 1].reshape(self.batch_size, -1)

    def __len__(self) -> int:
        """Batches in an epoch."""
        return self._piece // self.steps

    def epoch(self, epoch: int, start: int = 0) -> Iterator[tuple[Numbers, Numbers]]:
        """The batches of an epoch, the same in each, from batch `start` on. The state begins anew at batch 0."""
        whole(epoch, "epoch", 0)
        spans = range(whole(start, "start", 0, len(self)), len(self))
        return (self._batch(slice(i * self.steps, (i + 1) * self.steps)) for i in spans)

    def _batch(self, span: slice) -> tuple[Numbers, Numbers]:
        return self._x[:, span].copy(), self._y[:, span].copy()
