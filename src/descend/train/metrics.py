"""What is measured on a split: functions of logits and labels that give one number for each example."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine.errors import NonFiniteError, ShapeError

Array = NDArray[Any]
Metric = Callable[[Array, Array], Array]


def accuracy(logits: Array, labels: Array) -> Array:
    """1 where the largest logit is the label's, else 0. Shapes: (n, k), (n,) to (n,)."""
    right: Array = logits.argmax(axis=1) == labels
    return right.astype(np.float64)


def cross_entropy(logits: Array, labels: Array) -> Array:
    """-log softmax(logits)[label], in nats and float64. Shapes: (n, k), (n,) to (n,)."""
    log_probability: Array = log_softmax(logits)[np.arange(len(labels)), labels]
    return -log_probability


def squared_error(predictions: Array, targets: Array) -> Array:
    """The mean over the outputs of (prediction - target)², in float64. Shapes: (n, ...), (n, ...) to (n,)."""
    gap: Array = np.asarray(predictions, np.float64) - targets
    mean: Array = (gap * gap).reshape(len(gap), -1).mean(axis=1)
    return mean


def log_softmax(logits: Array) -> Array:
    """Logarithms of the probabilities that the logits mean, in float64. Shapes: (n, k) to (n, k)."""
    shifted: Array = np.asarray(logits, np.float64) - logits.max(axis=1, keepdims=True)
    total: Array = np.exp(shifted).sum(axis=1, keepdims=True)
    return shifted - np.log(total)


@dataclass
class Mean:
    """The exact mean of many numbers: correctly rounded, whatever the batches and their order."""

    _values: list[Array] = field(default_factory=list)

    def add(self, values: Array) -> None:
        """Take in the numbers of one batch. Shape: (n,)."""
        self._values.append(np.asarray(values, np.float64))

    def value(self) -> float:
        """The mean of everything added; NaN of nothing."""
        numbers = np.concatenate([*self._values, np.empty(0)])
        if not np.isfinite(numbers).all():
            return float(numbers.mean())  # fsum refuses infinities of both signs
        return math.fsum(numbers) / len(numbers) if len(numbers) else math.nan


def measure(metrics: Mapping[str, Metric], logits: Array, labels: Array) -> dict[str, Array]:
    """Every metric on one batch. Raises ShapeError where one does not give a number for each example."""
    found = {name: np.asarray(metric(logits, labels)) for name, metric in metrics.items()}
    for name, values in found.items():
        if values.shape != (len(labels),):
            raise ShapeError(
                f"the metric {name!r} must give one number for each example",
                given=f"shape {values.shape}",
                needed=f"shape ({len(labels)},)",
                fix="leave the mean to the trainer, which takes it over the whole split",
            )
    return found


def confusion(logits: Array, labels: Array) -> NDArray[np.int64]:
    """How often label i was read as j. Shapes: (n, k), (n,) to (k, k), rows are the true labels."""
    counts = np.zeros((logits.shape[1],) * 2, np.int64)
    np.add.at(counts, (labels, logits.argmax(axis=1)), 1)
    return counts


@dataclass(frozen=True)
class Mistakes:
    """Examples read wrongly, the surest first.

    Attributes:
        index: positions in the split. Shape (m,).
        predicted: what the model reads. Shape (m,).
        labels: what is true. Shape (m,).
        confidence: the probability that the model gave to what it read, between 0 and 1. Shape (m,).
        total: mistakes on the whole split, of which these are the worst.
    """

    index: NDArray[np.int64]
    predicted: NDArray[np.int64]
    labels: NDArray[np.int64]
    confidence: NDArray[np.float64]
    total: int


def mistakes(logits: Array, labels: Array, n: int = 25) -> Mistakes:
    """The n wrong answers that the model was surest of. Shapes: (examples, k), (examples,).

    Raises NonFiniteError where a logit is NaN.
    """
    if np.isnan(logits).any():
        raise NonFiniteError("some predictions are NaN, so nothing can be said about mistakes")
    predicted = logits.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    sure = np.exp(log_softmax(logits[wrong]).max(axis=1, initial=-math.inf))
    worst = np.argsort(-sure, kind="stable")[:n]
    index = wrong[worst]
    return Mistakes(index, predicted[index], np.asarray(labels)[index], sure[worst], len(wrong))
