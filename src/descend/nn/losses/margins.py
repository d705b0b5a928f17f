"""Losses that are 0 once a score is right by a margin: hinges."""

from __future__ import annotations

from typing import Any

from descend.engine import Tensor, UsageError, as_tensor, ops
from descend.nn import checks
from descend.nn.losses.classification import _class_weights
from descend.nn.losses.reduction import Loss, reduced
from descend.nn.losses.targets import alike, class_numbers, signs_like
from descend.nn.module import Buffer


def hinge_loss(scores: Tensor, target: Any, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """max(0, margin - target scores) for targets of -1 and 1, averaged: the support vector machine's loss.

    Shapes: equal. Raises: ShapeError, UsageError for a target of 0. Source: Cortes and Vapnik 1995.
    """
    scores = as_tensor(scores)
    target = signs_like("hinge_loss", scores, target)
    return reduced("hinge_loss", ops.relu(margin - target * scores), reduction)


def soft_margin_loss(scores: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """log(1 + exp(-target scores)) for targets of -1 and 1, averaged. Shapes: equal.

    Raises: ShapeError, UsageError for a target of 0.
    """
    scores = as_tensor(scores)
    target = signs_like("soft_margin_loss", scores, target)
    return reduced("soft_margin_loss", ops.softplus(-target * scores), reduction)


def svm_loss(scores: Tensor, labels: Any, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """The sum over all other classes of max(0, margin + score - score of the label), averaged over rows.

    Shapes: scores (..., k), labels (...) integers. Raises: ShapeError, DtypeError.
    Source: Weston and Watkins 1999. Differs: from `multi_margin_loss` in a sum over classes, not a mean.
    """
    return reduced("svm_loss", _violations(scores, labels, margin)[0].sum(-1), reduction)


def multi_margin_loss(
    scores: Tensor, labels: Any, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
) -> Tensor:
    """1/k times the sum over other classes of max(0, margin + score - score of the label)^p, averaged over rows.

    Shapes: scores (n, k), labels (n,) integers; weight (k,), one factor a label. p is 1 or 2.
    Raises: ShapeError, DtypeError, UsageError for another p.
    """
    _check_power("multi_margin_loss", p)
    violations, labels = _violations(scores, labels, margin)
    values = violations if p == 1 else ops.square(violations)
    if weight is not None:
        values = values * _class_weights("multi_margin_loss", weight, values)[labels].reshape(*labels.shape, 1)
    return reduced("multi_margin_loss", values.mean(-1), reduction)


def _check_power(loss: str, p: int) -> int:
    if p in (1, 2):
        return p
    raise UsageError(f"{loss} takes violations or their squares", given=f"p={p!r}", needed="p=1 or p=2")


def _violations(scores: Any, labels: Any, margin: float) -> tuple[Tensor, Tensor]:
    """By how much each other class comes too close to the label's, 0 for the label itself; and the labels."""
    scores = as_tensor(scores)
    labels = class_numbers(scores, labels)
    right = ops.pick(scores, labels).reshape(*labels.shape, 1)
    others = labels.reshape(*labels.shape, 1) != ops.arange(scores.shape[-1])
    return ops.where(others, ops.relu(margin + scores - right), 0), labels


def hinge_embedding_loss(x: Tensor, target: Any, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """x where the target is 1, max(0, margin - x) where it is -1, averaged: x is a distance of alike or unlike.

    Shapes: equal. Raises: ShapeError, UsageError for a target of 0. Source: Hadsell et al. 2006.
    """
    x = as_tensor(x)
    target = signs_like("hinge_embedding_loss", x, target)
    return reduced("hinge_embedding_loss", ops.where(target > 0, x, ops.relu(margin - x)), reduction)


def margin_ranking_loss(x1: Tensor, x2: Tensor, target: Any, margin: float = 0.0, reduction: str = "mean") -> Tensor:
    """max(0, margin - target (x1 - x2)), averaged: x1 should be ahead where the target is 1, x2 where it is -1.

    Shapes: equal. Raises: ShapeError, UsageError for a target of 0.
    """
    x1, x2 = as_tensor(x1), as_tensor(x2)
    alike("margin_ranking_loss", x1=x1, x2=x2)
    target = signs_like("margin_ranking_loss", x1, target)
    return reduced("margin_ranking_loss", ops.relu(margin - target * (x1 - x2)), reduction)


class _MarginLoss(Loss):
    """A loss with a margin."""

    usual_margin = 1.0

    def __init__(self, margin: float | None = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = checks.number(type(self).__name__, "margin", self.usual_margin if margin is None else margin)

    def described(self) -> str:
        """The margin."""
        return ", ".join(filter(None, [f"margin={self.margin:g}", super().described()]))


class HingeLoss(_MarginLoss):
    """`hinge_loss` as a module."""

    def forward(self, scores: Tensor, target: Any) -> Tensor:
        """max(0, margin - target scores), averaged."""
        return hinge_loss(scores, target, self.margin, self.reduction)


class HingeEmbeddingLoss(_MarginLoss):
    """`hinge_embedding_loss` as a module."""

    def forward(self, x: Tensor, target: Any) -> Tensor:
        """x for targets of 1, max(0, margin - x) for targets of -1, averaged."""
        return hinge_embedding_loss(x, target, self.margin, self.reduction)


class MarginRankingLoss(_MarginLoss):
    """`margin_ranking_loss` as a module."""

    usual_margin = 0.0

    def forward(self, x1: Tensor, x2: Tensor, target: Any) -> Tensor:
        """max(0, margin - target (x1 - x2)), averaged."""
        return margin_ranking_loss(x1, x2, target, self.margin, self.reduction)


class SoftMarginLoss(Loss):
    """`soft_margin_loss` as a module."""

    def forward(self, scores: Tensor, target: Any) -> Tensor:
        """log(1 + exp(-target scores)), averaged."""
        return soft_margin_loss(scores, target, self.reduction)


class MultiMarginLoss(Loss):
    """`multi_margin_loss` as a module."""

    def __init__(self, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.p = _check_power("MultiMarginLoss", p)
        self.margin = checks.number("MultiMarginLoss", "margin", margin)
        self.weight = None if weight is None else Buffer(weight)

    def forward(self, scores: Tensor, labels: Any) -> Tensor:
        """The mean over classes of max(0, margin + score - score of the label)^p, averaged."""
        return multi_margin_loss(scores, labels, self.p, self.margin, self.weight, self.reduction)
