"""Losses of classifiers whose examples belong to several classes at once."""

from __future__ import annotations

from typing import Any

from descend.engine import DtypeError, Tensor, as_tensor, ops
from descend.nn.losses.binary import binary_cross_entropy_with_logits
from descend.nn.losses.reduction import Loss, reduced
from descend.nn.losses.targets import alike
from descend.nn.module import Buffer


def multilabel_soft_margin_loss(scores: Tensor, target: Any, weight: Any = None, reduction: str = "mean") -> Tensor:
    """The mean over classes of `binary_cross_entropy_with_logits`, averaged over rows.

    Shapes: scores (..., k), target the same, 1 for each class that an example belongs to; weight (k,), one factor a
    class. Raises: ShapeError, UsageError for targets outside [0, 1].
    """
    values = binary_cross_entropy_with_logits(scores, target, weight, reduction="none")
    return reduced("multilabel_soft_margin_loss", ops.mean(values, -1), reduction)


def multilabel_margin_loss(scores: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """1/k times the sum, over an example's classes j and all others i, of max(0, 1 - score_j + score_i).

    Shapes: scores (..., k), target the same, integers: the numbers of an example's classes, and -1 behind the last.
    Averaged over rows. Raises: ShapeError, DtypeError.
    """
    scores, target = as_tensor(scores), as_tensor(target)
    alike("multilabel_margin_loss", scores=scores, target=target)
    if target.dtype.kind not in "iu":
        raise DtypeError("classes are named by numbers", given=str(target.dtype), needed="integers, then -1",
                         fix="rows of 0 and 1 go into multilabel_soft_margin_loss")  # fmt: skip
    listed = ops.cumprod(target >= 0) > 0  # what comes behind the first -1 does not count
    classes = ops.where(listed, target, 0)
    named = (classes[..., None] == ops.arange(scores.shape[-1])) & listed[..., None]
    others = ops.logical_not(ops.any(named, -2, keepdims=True)) & listed[..., None]
    margins = ops.relu(1 - ops.gather(scores, -1, classes)[..., None] + scores[..., None, :])
    values = ops.sum(ops.where(others, margins, 0), (-1, -2)) * (1 / scores.shape[-1])
    return reduced("multilabel_margin_loss", values, reduction)


class MultiLabelSoftMarginLoss(Loss):
    """`multilabel_soft_margin_loss` as a module. The class weights are kept as a buffer, as in PyTorch."""

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.weight = None if weight is None else Buffer(weight)

    def forward(self, scores: Tensor, target: Any) -> Tensor:
        """The mean over classes of the binary cross-entropy, averaged."""
        return multilabel_soft_margin_loss(scores, target, self.weight, self.reduction)


class MultiLabelMarginLoss(Loss):
    """`multilabel_margin_loss` as a module."""

    def forward(self, scores: Tensor, target: Any) -> Tensor:
        """By how much other classes come too close to an example's own, averaged."""
        return multilabel_margin_loss(scores, target, self.reduction)
