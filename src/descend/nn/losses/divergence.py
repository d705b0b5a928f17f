"""The Kullback-Leibler divergence."""

from __future__ import annotations

from typing import Any

from descend.engine import Tensor, as_tensor, ops
from descend.nn import checks
from descend.nn.losses.reduction import REDUCTIONS, Loss, reduced
from descend.nn.losses.targets import numbers_like


def kl_div(log_probabilities: Tensor, target: Any, reduction: str = "mean", *, log_target: bool = False) -> Tensor:
    """target (log target - log_probabilities), averaged over all elements; 0 log 0 is 0.

    The divergence between distributions is their sum over classes, averaged over rows: `reduction="batchmean"`.
    `log_target` says that the target holds logarithms. Shapes: equal, any (n, ...). Raises: ShapeError, UsageError.
    Source: Kullback and Leibler 1951.
    """
    q = as_tensor(log_probabilities)
    target = numbers_like("kl_div", q, target)
    if log_target:
        values = ops.exp(target) * (target - q)
    else:
        there = target > 0
        values = ops.where(there, target * (ops.log(ops.where(there, target, 1)) - q), 0)
    if reduction == "batchmean":
        return ops.sum(values) * (1 / max(q.shape[0], 1) if q.ndim else 1.0)
    checks.one_of("kl_div", "reduction", reduction, (*REDUCTIONS, "batchmean"))
    return reduced("kl_div", values, reduction)


class KLDivLoss(Loss):
    """`kl_div` as a module."""

    reductions = (*REDUCTIONS, "batchmean")

    def __init__(self, reduction: str = "mean", *, log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = log_target

    def forward(self, log_probabilities: Tensor, target: Any) -> Tensor:
        """target (log target - log_probabilities), averaged."""
        return kl_div(log_probabilities, target, self.reduction, log_target=self.log_target)
