"""One number out of many: the mean, the sum, or none of both."""

from __future__ import annotations

from descend.engine import Tensor, ops
from descend.nn import checks
from descend.nn.module import Module

REDUCTIONS = ("mean", "sum", "none")


def reduced(loss: str, values: Tensor, reduction: str) -> Tensor:
    """The values of a loss, taken together. Raises: UsageError for a reduction that does not exist."""
    if reduction == "mean":
        return ops.mean(values)
    checks.one_of(loss, "reduction", reduction, REDUCTIONS)
    return values if reduction == "none" else ops.sum(values)


class Loss(Module):
    """A loss as a module: it holds the settings of its function."""

    reductions: tuple[str, ...] = REDUCTIONS

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = checks.one_of(type(self).__name__, "reduction", reduction, self.reductions)

    def described(self) -> str:
        """The reduction, unless it is the mean."""
        return "" if self.reduction == "mean" else f"reduction={self.reduction!r}"
