"""Losses: how wrong an output is, as one number to descend on. Each is the mean over the batch."""

from __future__ import annotations

from typing import Any

from descend.engine import DtypeError, ShapeError, Tensor, as_tensor, ops
from descend.nn.module import Module


def cross_entropy(logits: Tensor, labels: Any) -> Tensor:
    """-log softmax(logits)[label], averaged: what a classifier is trained with.

    Shapes: logits (n, k), labels (n,) integers in 0 .. k-1 (or (..., k) and (...)); result (). At the beginning,
    when all classes are equally likely, it is log k.

    Raises: ShapeError for labels out of range or of another length, DtypeError for labels that are no integers.
    Differs: from PyTorch in having the classes on the last axis, also where there are more than two.
    """
    labels = _labels(logits, labels)
    return -ops.mean(ops.pick(ops.log_softmax(logits), labels))


def nll_loss(log_probabilities: Tensor, labels: Any) -> Tensor:
    """-log_probabilities[label], averaged. Shapes and errors as for `cross_entropy`."""
    labels = _labels(log_probabilities, labels)
    return -ops.mean(ops.pick(log_probabilities, labels))


def mse_loss(prediction: Tensor, target: Any) -> Tensor:
    """(prediction - target)², averaged over all elements. Shapes: equal. Raises: ShapeError."""
    target = _target("mse_loss", prediction, target)
    return ops.mean(ops.square(prediction - target))


def binary_cross_entropy_with_logits(logits: Tensor, target: Any) -> Tensor:
    """-t log σ(z) - (1 - t) log(1 - σ(z)) = log(1 + exp(z)) - z t, averaged over all elements.

    Shapes: equal; targets in [0, 1]. Raises: ShapeError.
    """
    logits = as_tensor(logits)
    target = _target("binary_cross_entropy_with_logits", logits, target)
    # log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|)) does not overflow, but both terms have a kink at 0 that their
    # sum has not. With the sign of z as a constant the derivatives of all orders are right there too.
    positive = (logits >= 0).to(logits.dtype)
    softplus = logits * positive + ops.log1p(ops.exp(logits * (1 - 2 * positive)))
    return ops.mean(softplus - logits * target)


def _labels(scores: Tensor, numbers: Any) -> Tensor:
    labels: Tensor = as_tensor(numbers)
    if labels.shape != scores.shape[:-1]:
        raise ShapeError(
            "one class number is needed for each row of scores", given=f"scores {scores.shape}, labels {labels.shape}",
            needed=f"labels {scores.shape[:-1]}", fix=_label_fix(scores, labels),
        )  # fmt: skip
    if labels.dtype.kind not in "iu":
        raise DtypeError(
            "labels are class numbers", given=str(labels.dtype), needed="integers, 0 for the first class",
            fix="labels.to(np.int64), or labels.astype(np.int64) for an array; for measured numbers use mse_loss",
        )  # fmt: skip
    return labels


def _label_fix(scores: Tensor, labels: Tensor) -> str:
    if labels.shape == (*scores.shape[:-1], 1):
        return "take the extra axis away: labels[..., 0]"
    if labels.shape == scores.shape:
        return "one-hot rows have their class numbers in labels.argmax(-1)"
    if labels.shape[:-1] == scores.shape:
        return "the scores come first: cross_entropy(logits, labels)"
    return "take labels and input from the same batch"


def _target(loss: str, prediction: Tensor, numbers: Any) -> Tensor:
    """The target as a tensor of the prediction's type. Raises: ShapeError."""
    target: Tensor = as_tensor(numbers)
    if prediction.shape != target.shape:  # (n, 1) and (n,) would broadcast to (n, n) and train on nonsense
        raise ShapeError(
            f"{loss} compares equal shapes", given=f"prediction {prediction.shape}, target {target.shape}",
            needed="equal shapes", fix=_target_fix(prediction, target),
        )  # fmt: skip
    dtype = prediction.dtype
    return target if target.dtype is dtype or dtype.kind != "f" else target.to(dtype)


def _target_fix(prediction: Tensor, target: Tensor) -> str:
    if prediction.size == target.size:
        return f"target.reshape{prediction.shape}"
    if prediction.shape[:1] == target.shape[:1]:
        return "end the network with as many outputs as a target has numbers"
    return "take prediction and target from the same batch"


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
