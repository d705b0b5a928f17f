"""Losses: how wrong an output is, as one number to descend on. Each is the mean over the batch."""

from __future__ import annotations

from typing import Any

from descend.engine import ShapeError, Tensor, as_tensor, ops
from descend.nn.module import Module


def cross_entropy(logits: Tensor, labels: Any) -> Tensor:
    """-log softmax(logits)[label], averaged: what a classifier is trained with.

    Shapes: logits (n, k), labels (n,) integers in 0 .. k-1 (or (..., k) and (...)); result (). At the beginning, when
    all classes are equally likely, it is log k.

    Raises: ShapeError for labels out of range or of another length, DtypeError for labels that are no integers.
    """
    _one_axis_more(logits, labels)
    return -ops.mean(ops.pick(ops.log_softmax(logits), labels))


def nll_loss(log_probabilities: Tensor, labels: Any) -> Tensor:
    """-log_probabilities[label], averaged. Shapes as for `cross_entropy`."""
    _one_axis_more(log_probabilities, labels)
    return -ops.mean(ops.pick(log_probabilities, labels))


def mse_loss(prediction: Tensor, target: Any) -> Tensor:
    """(prediction - target)², averaged over all elements. Shapes: equal. Raises: ShapeError."""
    target = as_tensor(target)
    _same_shape("mse_loss", prediction, target)
    return ops.mean(ops.square(prediction - target))


def binary_cross_entropy_with_logits(logits: Tensor, target: Any) -> Tensor:
    """-t log σ(z) - (1 - t) log(1 - σ(z)), averaged over all elements: max(z, 0) - z t + log(1 + exp(-|z|)).

    Shapes: equal; targets in [0, 1]. Raises: ShapeError.
    """
    target = as_tensor(target)
    _same_shape("binary_cross_entropy_with_logits", logits, target)
    return ops.mean(ops.relu(logits) - logits * target + ops.log1p(ops.exp(-ops.abs(logits))))


def _one_axis_more(scores: Tensor, labels: Any) -> None:
    labels = as_tensor(labels)
    if labels.shape == scores.shape and scores.ndim > 0:
        raise ShapeError(
            "labels are class numbers, one a row, not one-hot rows", given=f"scores {scores.shape}, labels {labels.shape}",
            needed=f"labels {scores.shape[:-1]}", fix="use labels.argmax(-1)",
        )  # fmt: skip
    if labels.shape != scores.shape[:-1]:
        raise ShapeError(
            "one label is needed for each row of scores", given=f"scores {scores.shape}, labels {labels.shape}",
            needed=f"labels {scores.shape[:-1]}", fix="labels come from the same batch as the input; no extra axis",
        )  # fmt: skip


def _same_shape(loss: str, prediction: Tensor, target: Tensor) -> None:
    if prediction.shape != target.shape:  # (n, 1) and (n,) would broadcast to (n, n) and train on nonsense
        raise ShapeError(
            f"{loss} compares equal shapes", given=f"prediction {prediction.shape}, target {target.shape}", needed="equal shapes",
            fix="reshape the target: y[:, None] or y.reshape(-1, 1)",
        )  # fmt: skip


class CrossEntropyLoss(Module):
    """`cross_entropy` as a module."""

    def forward(self, logits: Tensor, labels: Any) -> Tensor:
        """-log softmax(logits)[label], averaged."""
        return cross_entropy(logits, labels)


class MSELoss(Module):
    """`mse_loss` as a module."""

    def forward(self, prediction: Tensor, target: Any) -> Tensor:
        """(prediction - target)², averaged."""
        return mse_loss(prediction, target)
