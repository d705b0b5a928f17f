"""Sequences of different lengths as one array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array, whole
from descend.engine.errors import ShapeError


@dataclass(frozen=True, eq=False)
class Padded:
    """A batch of sequences. values: shape (b, t, ...), t the longest length. lengths: shape (b,)."""

    values: Array
    lengths: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """True where a value belongs to its sequence. Shape (b, t)."""
        return np.asarray(np.arange(self.values.shape[1]) < self.lengths[:, None])


def lengths(x: Array) -> NDArray[np.int64]:
    """How long each sequence, or text, is. Shape (n,)."""
    return np.array([len(item) for item in x], np.int64)


def pad(x: Array, value: float = 0.0, length: int | None = None) -> Array:
    """The sequences as one array, filled up with `value` behind. Use it as on_examples(pad).

    x: sequences, shape (b,). length: how long all are made, longer ones cut; by default as the longest.
    The result: shape (b, length, ...). Raises ShapeError for what is no array of sequences, UsageError for a length.
    """
    _check_sequences(x)
    t = int(lengths(x).max()) if length is None else whole(length, "length", 1)
    padded = np.full((len(x), t, *x[0].shape[1:]), value, x[0].dtype)
    for row, item in zip(padded, x):
        row[: len(item)] = item[:t]
    return padded


def _check_sequences(x: Any) -> None:
    problem, needed = "only sequences are padded", "an array of dtype object that holds arrays"
    if not isinstance(x, np.ndarray):
        raise ShapeError(problem, given=f"a {type(x).__name__}", needed=needed, fix="data.sequences(arrays) makes one")
    if x.dtype != object or not isinstance(x[0], np.ndarray):
        raise ShapeError(
            problem,
            given=f"dtype {x.dtype}, shape {x.shape}" + (", texts" if x.dtype == object else ""),
            needed=needed,
            fix="texts become sequences by a vocabulary: split.map(vocabulary)",
        )


def with_lengths(x: Array, y: Array) -> tuple[Padded, Array]:
    """The transform that pads with 0 and keeps the lengths, for networks that need them; see `pad`."""
    return Padded(pad(x), lengths(x)), y
