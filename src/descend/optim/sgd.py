"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable

from descend.engine import Cell, Tensor, overridable
from descend.optim import checks
from descend.optim.optimizer import Optimizer


@overridable("optim.sgd.update")
def update(p: Tensor, g: Tensor, lr: Tensor) -> Tensor:
    """One step downhill, p - lr g. The line of the first exercise."""
    return p - lr * g


class SGD(Optimizer):
    """p <- p - lr v with v <- momentum v + g (plainly g without momentum); weight decay adds weight_decay p to g.

    Source: Robbins and Monro 1951; momentum: Polyak 1964.
    Differs: from Sutskever et al. 2013 in keeping lr outside the velocity, as PyTorch does.
    """

    def __init__(self, parameters: Iterable[Cell], lr: float, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(parameters, lr)
        self.momentum = checks.fraction("momentum", momentum)
        self.weight_decay = checks.not_negative("weight_decay", weight_decay)
        self.velocity = self.vector() if momentum else None

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The step p - lr v."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        if self.velocity is not None:
            self.velocity.write(self.momentum * self.velocity + g)
            g = self.velocity
        return update(p, g, self.lr)
