"""What a network's outputs say of the examples: classes, yes or no, or measured numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.train.metrics import log_softmax

Array = NDArray[Any]
MOST_BARS = 20
_DIGITS = 3
_NOTHING = "not a number"


@dataclass(frozen=True)
class Answers:
    """What there is to say of a batch.

    Attributes:
        bars: a number for each class or output, those of each example; probabilities where the network classifies.
            Shape (n, k), k at most MOST_BARS.
        says: what it says of each example, in words. is_right: whether that is so, None where nobody knows.
    """

    bars: Array
    says: list[str]
    is_right: list[bool | None]

    @property
    def share_right(self) -> float | None:
        """The share of right answers; None where that is no question."""
        known = [right for right in self.is_right if right is not None]
        return sum(known) / len(known) if known else None


class Task:
    """What the outputs are to be, guessed from targets and outputs.

    Attributes:
        kind: "classes", "yes or no", "numbers" or "" where there are no targets to compare with.
        loss: the name of the loss that such a network is trained with, None where there is no telling.
        names: of the classes or outputs.
    """

    def __init__(self, y: Array | None, output: Array, classes: Sequence[str] | None = None) -> None:
        self.kind, self.loss = _kind(y, output)
        self.squashed = self.kind == "yes or no" and bool(output.size) and output.min() >= 0 and output.max() <= 1
        k = 2 if self.kind == "yes or no" else _scores(output, y).shape[-1]
        self.names = [str(name) for name in classes] if classes else [str(i) for i in range(k)]
        self.names = [*self.names, *map(str, range(len(self.names), k))][:k]

    def truth(self, y: Array | None) -> list[str]:
        """What each example is, in words; "" where nobody knows."""
        if y is None or not self.kind:
            return []
        return [self._target(row) for row in y]

    def answers(self, output: Array, y: Array | None) -> Answers:
        """What the outputs say. Shapes: output (n, ...), y (n, ...) or None."""
        if self.kind == "yes or no":
            return self._yes_or_no(output, y)
        if self.kind == "classes":
            return self._classes(output, y)
        rows = output.reshape(len(output), -1)
        return Answers(rows[:, :MOST_BARS], [_numbers(row) for row in rows], [None] * len(rows))

    def _classes(self, output: Array, y: Array | None) -> Answers:
        scores = _scores(output, y)
        probabilities = _probabilities(scores.reshape(-1, scores.shape[-1])).reshape(scores.shape)
        found = probabilities.argmax(axis=-1)
        if scores.ndim == 2:
            known = np.asarray(np.isfinite(probabilities).all(axis=1))
            right = [None] * len(found) if y is None else (known & (found == y.reshape(len(found)))).tolist()
            says = [self._name(i) if there else _NOTHING for i, there in zip(found, known)]
            return Answers(probabilities[:, :MOST_BARS], says, right)
        # A class for each place: the last place's are shown, and how many are right.
        k = len(self.names)
        last = probabilities.reshape(len(found), -1, k)[:, -1, :MOST_BARS]
        hits = (found == y).reshape(len(found), -1)
        return Answers(last, [f"{row.sum()} of {row.size} right" for row in hits], [bool(row.all()) for row in hits])

    def _yes_or_no(self, output: Array, y: Array | None) -> Answers:
        z = output.reshape(len(output)).astype(np.float64)
        p = z if self.squashed else 1 / (1 + np.exp(-np.clip(z, -500, 500)))
        says = p > 0.5
        known = np.isfinite(p)
        right = [None] * len(p) if y is None else (known & (says == (y.reshape(len(p)) > 0))).tolist()
        told = [self._name(int(one)) if there else _NOTHING for one, there in zip(says, known)]
        return Answers(np.stack([1 - p, p], axis=1), told, right)

    def _target(self, row: Array) -> str:
        if self.kind == "classes":
            return self._name(int(row)) if np.ndim(row) == 0 else ""
        if self.kind == "yes or no":
            return self._name(int(np.ravel(row)[0] > 0))
        return _numbers(np.ravel(row))

    def _name(self, i: int) -> str:
        return self.names[i] if 0 <= i < len(self.names) else str(i)


def _kind(y: Array | None, output: Array) -> tuple[str, str | None]:
    if y is None or output.ndim == 0:
        return "", None
    if y.dtype.kind in "iu" and _is_scored(y, output):
        return "classes", "cross-entropy"
    one_number = output.reshape(len(output), -1).shape[1] == 1 and y.size == len(output)
    if one_number and set(np.unique(y).tolist()) in ({0, 1}, {0}, {1}, {-1, 1}):
        signs = -1 in y
        return "yes or no", None if signs else "binary cross-entropy"
    if output.size == y.size:
        return "numbers", "squared error"
    return "", None


def _is_scored(y: Array, output: Array) -> bool:
    """Whether the outputs are scores of classes: one row for each target, no target beyond them."""
    scores = _scores(output, y)
    k = scores.shape[-1]
    return scores.shape[:-1] == y.shape and k > 1 and bool(y.size) and 0 <= y.min() <= y.max() < k


def _scores(output: Array, y: Array | None) -> Array:
    """The outputs with the classes on the last axis; PyTorch has them on the second one. Shapes: (n, ..., k)."""
    wanted = output.shape[:-1] if y is None else y.shape
    if output.shape[:-1] != wanted and output.ndim > 2 and (output.shape[0], *output.shape[2:]) == wanted:
        return np.moveaxis(output, 1, -1)
    return output


def _probabilities(scores: Array) -> Array:
    """Softmax of each row; rows that are probabilities already stay what they are. Shapes: (n, k), float64."""
    rows = scores.astype(np.float64)
    if rows.size and rows.min() >= 0 and np.allclose(rows.sum(axis=1), 1, atol=1e-4):
        return rows
    return np.asarray(np.exp(log_softmax(rows)))


def _numbers(row: Array) -> str:
    told = " ".join(f"{v:.{_DIGITS}g}" for v in row[:3])
    return f"{told} …" if len(row) > 3 else told
