"""Losses of classifiers, whose targets are class numbers."""

from __future__ import annotations

from typing import Any

from descend.engine import ShapeError, Tensor, as_tensor, ops
from descend.nn import checks
from descend.nn.losses.reduction import Loss, reduced
from descend.nn.losses.targets import class_numbers, numbers_like
from descend.nn.module import Buffer


def cross_entropy(
    logits: Tensor, labels: Any, weight: Any = None, *,
    ignore_index: int | None = None, reduction: str = "mean", label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """-log softmax(logits)[label], averaged: what a classifier is trained with.

    Shapes: logits (n, k), labels (n,) integers in 0 .. k-1 (or (..., k) and (...)); result (). At the beginning,
    when all classes are equally likely, it is log k.

    Args:
        weight: (k,) one factor a class; the mean is then the weighted one.
        ignore_index: rows with this label do not count.
        label_smoothing: s in [0, 1]: the target gives 1 - s to the label, and s / k to every class.

    Raises: ShapeError for labels out of range or of another length, DtypeError for labels that are no integers.
    Source: label smoothing: Szegedy et al. 2015, arXiv:1512.00567, section 7.
    Differs: from PyTorch in having the classes on the last axis, also where there are more than two, and in
    ignoring no label (there -100) unless told to.
    """
    logits = as_tensor(logits)
    labels = class_numbers(logits, labels)
    chances = ops.log_softmax(logits)
    if weight is None and ignore_index is None and label_smoothing == 0.0:
        return reduced("cross_entropy", -ops.pick(chances, labels), reduction)
    checks.between("cross_entropy", "label_smoothing", label_smoothing, 0, 1)
    return _weighed("cross_entropy", chances, labels, weight, ignore_index, reduction, label_smoothing)


def nll_loss(
    log_probabilities: Tensor, labels: Any, weight: Any = None,
    *, ignore_index: int | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """-log_probabilities[label], averaged. Shapes, arguments and errors as for `cross_entropy`."""
    log_probabilities = as_tensor(log_probabilities)
    labels = class_numbers(log_probabilities, labels)
    if weight is None and ignore_index is None:
        return reduced("nll_loss", -ops.pick(log_probabilities, labels), reduction)
    return _weighed("nll_loss", log_probabilities, labels, weight, ignore_index, reduction, 0.0)


def _weighed(
    loss: str, chances: Tensor, labels: Tensor, weight: Any, ignored: int | None, reduction: str, smoothing: float
) -> Tensor:
    """The loss where rows count differently: the mean is divided by the sum of the labels' weights."""
    factors = _class_weights(loss, weight, chances)
    kept = as_tensor(True) if ignored is None else labels != ignored
    labels = ops.where(kept, labels, 0)
    values = -ops.pick(chances, labels)  # first, for it says which label is none of the classes
    counts = ops.where(kept, factors[labels], 0)
    values = values * counts
    if smoothing:
        everywhere = -ops.sum(chances * factors, -1) * (1 / chances.shape[-1])
        values = values * (1 - smoothing) + ops.where(kept, everywhere, 0) * smoothing
    values = ops.where(kept, values, 0)  # an infinite loss times 0 would be no number
    return ops.sum(values) / ops.sum(counts) if reduction == "mean" else reduced(loss, values, reduction)


def _class_weights(loss: str, weight: Any, scores: Tensor) -> Tensor:
    k = scores.shape[-1]
    if weight is None:
        return ops.ones((k,), scores.dtype)
    factors = as_tensor(weight).to(scores.dtype)
    if factors.shape != (k,):
        raise ShapeError(
            f"{loss} takes one weight a class", given=f"weight {factors.shape}, {k} classes", needed=f"({k},)",
            fix="to weigh examples instead, use reduction='none' and multiply",
        )  # fmt: skip
    return factors


def soft_cross_entropy(logits: Tensor, probabilities: Any, reduction: str = "mean") -> Tensor:
    """-sum over classes of probabilities log softmax(logits), averaged over rows: a target that is not sure.

    Shapes: logits (..., k), probabilities the same. Raises: ShapeError.
    """
    logits = as_tensor(logits)
    target = numbers_like("soft_cross_entropy", logits, probabilities)
    return reduced("soft_cross_entropy", -ops.sum(ops.log_softmax(logits) * target, -1), reduction)


class NLLLoss(Loss):
    """`nll_loss` as a module. The class weights are kept as a buffer, as in PyTorch."""

    def __init__(self, weight: Any = None, *, ignore_index: int | None = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.weight = None if weight is None else Buffer(weight)
        self.ignore_index = ignore_index

    def forward(self, log_probabilities: Tensor, labels: Any) -> Tensor:
        """-log_probabilities[label], averaged."""
        settings = {"ignore_index": self.ignore_index}
        return nll_loss(log_probabilities, labels, self.weight, reduction=self.reduction, **settings)


class CrossEntropyLoss(Loss):
    """`cross_entropy` as a module. The class weights are kept as a buffer, as in PyTorch."""

    def __init__(
        self, weight: Any = None, *, ignore_index: int | None = None, reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(reduction)
        self.weight = None if weight is None else Buffer(weight)
        self.ignore_index = ignore_index
        self.label_smoothing = checks.between("CrossEntropyLoss", "label_smoothing", label_smoothing, 0, 1)

    def forward(self, logits: Tensor, labels: Any) -> Tensor:
        """-log softmax(logits)[label], averaged."""
        return cross_entropy(
            logits, labels, self.weight, ignore_index=self.ignore_index, reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )  # fmt: skip
