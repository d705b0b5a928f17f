"""Sequences of different lengths as one array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array
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
    The result: shape (b, length, ...). Raises ShapeError for what is no array of sequences.
    """
    if x.dtype != object or not isinstance(x[0], np.ndarray):
        raise ShapeError(
            "only sequences are padded",
            given=f"dtype {x.dtype}, shape {x.shape}" + (", texts" if x.dtype == object else ""),
            needed="an array of dtype object that holds arrays",
            fix="texts become sequences by a vocabulary: split.map(vocabulary)",
        )
    t = int(lengths(x).max()) if length is None else length
    padded = np.full((len(x), t, *x[0].shape[1:]), value, x[0].dtype)
    for row, item in zip(padded, x):
        row[: len(item)] = item[:t]
    return padded


def with_lengths(x: Array, y: Array) -> tuple[Padded, Array]:
    """The transform that pads with 0 and keeps the lengths, for networks that need them; see `pad`."""
    return Padded(pad(x), lengths(x)), y
