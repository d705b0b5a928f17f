"""Losses of yes-or-no questions, one to an output: binary cross-entropy."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine import Tensor, UsageError, as_tensor, ops
from descend.nn.losses.reduction import Loss, reduced
from descend.nn.losses.targets import chances_like
from descend.nn.module import Buffer

_LOWEST = -100.0


def binary_cross_entropy_with_logits(
    logits: Tensor, target: Any, weight: Any = None, *, pos_weight: Any = None, reduction: str = "mean"
) -> Tensor:
    """-t log σ(z) - (1 - t) log(1 - σ(z)) = log(1 + exp(z)) - z t, averaged over all elements.

    Shapes: equal; targets in [0, 1]. `weight` (broadcast) multiplies each element's loss, `pos_weight` the part of
    its positive target. Raises: ShapeError, UsageError for targets outside [0, 1].
    """
    logits = as_tensor(logits)
    target = chances_like("binary_cross_entropy_with_logits", logits, target)
    if pos_weight is None:
        values = ops.softplus(logits) - logits * target
    else:
        factor = 1 + (as_tensor(pos_weight).to(logits.dtype) - 1) * target
        values = logits * (1 - target) + factor * ops.softplus(-logits)
    values = values if weight is None else values * as_tensor(weight).to(values.dtype)
    return reduced("binary_cross_entropy_with_logits", values, reduction)


def binary_cross_entropy(probabilities: Tensor, target: Any, weight: Any = None, *, reduction: str = "mean") -> Tensor:
    """-t log p - (1 - t) log(1 - p), averaged over all elements. Logarithms end at -100, as in PyTorch.

    Prefer `binary_cross_entropy_with_logits`: it does not lose digits where p is near 0 or 1.
    Shapes: equal. Raises: ShapeError, UsageError for p or targets outside [0, 1].
    Differs: from PyTorch in a gradient of 0 where a logarithm has ended.
    """
    p = as_tensor(probabilities)
    target = chances_like("binary_cross_entropy", p, target)
    _check_probabilities(p)
    values = -(target * _limited_log(p) + (1 - target) * _limited_log(1 - p))
    values = values if weight is None else values * as_tensor(weight).to(values.dtype)
    return reduced("binary_cross_entropy", values, reduction)


def _limited_log(p: Tensor) -> Tensor:
    inside = p > 0
    return ops.maximum(ops.where(inside, ops.log(ops.where(inside, p, 1)), _LOWEST), _LOWEST)


def _check_probabilities(p: Tensor) -> None:
    value = p.value
    if isinstance(value, np.ndarray) and value.size and not 0 <= value.min() <= value.max() <= 1:  # not for a trace
        raise UsageError(
            "binary_cross_entropy takes probabilities", given=f"numbers from {value.min():.3g} to {value.max():.3g}",
            needed="0 to 1", fix="logits go into binary_cross_entropy_with_logits",
        )  # fmt: skip


class BCELoss(Loss):
    """`binary_cross_entropy` as a module."""

    def __init__(self, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.weight = None if weight is None else Buffer(weight)

    def forward(self, probabilities: Tensor, target: Any) -> Tensor:
        """-t log p - (1 - t) log(1 - p), averaged."""
        return binary_cross_entropy(probabilities, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(Loss):
    """`binary_cross_entropy_with_logits` as a module."""

    def __init__(self, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(reduction)
        self.weight = None if weight is None else Buffer(weight)
        self.pos_weight = None if pos_weight is None else Buffer(pos_weight)

    def forward(self, logits: Tensor, target: Any) -> Tensor:
        """log(1 + exp(z)) - z t, averaged."""
        return binary_cross_entropy_with_logits(
            logits, target, self.weight, pos_weight=self.pos_weight, reduction=self.reduction
        )
