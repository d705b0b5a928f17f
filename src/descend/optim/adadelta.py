"""Adadelta: steps in the units of the weights, without a learning rate to choose."""

from __future__ import annotations

from descend.engine import Tensor, ops
from descend.optim import checks
from descend.optim.groups import Parameters
from descend.optim.optimizer import Optimizer


class Adadelta(Optimizer):
    """v <- rho v + (1 - rho) g²;  d = sqrt(u + eps) / sqrt(v + eps) g;  u <- rho u + (1 - rho) d²;  p <- p - lr d.

    Root mean squares of past steps d over those of gradients: the units of p, as Newton's method has. lr is 1.

    Source: Zeiler 2012, arXiv:1212.5701, Algorithm 1.
    """

    def __init__(
        self, parameters: Parameters, lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0.0
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.rho = checks.fraction("rho", rho)
        self.eps = checks.positive("eps", eps)  # with 0 the first step, and so every one, has length 0
        self.v, self.u = self.vector(), self.vector()

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The step p - lr d."""
        self.v.write(self.rho * self.v + (1 - self.rho) * (g * g))
        d = ops.sqrt(self.u + self.eps) / ops.sqrt(self.v + self.eps) * g
        self.u.write(self.rho * self.u + (1 - self.rho) * (d * d))
        return p - self.lr * d
