"""Nadam: Adam that looks ahead along its momentum."""

from __future__ import annotations

import numpy as np

from descend.engine import Cell, Tensor, ops
from descend.optim import checks
from descend.optim.adam import Adam
from descend.optim.groups import Parameters


class NAdam(Adam):
    """Adam with Nesterov's momentum: the step mixes g with the momentum of the next step.

    mu(t) = b1 (1 - 0.96^(t momentum_decay) / 2), M = mu(1) ... mu(t);
    m̄ = (1 - mu(t)) g / (1 - M) + mu(t + 1) m / (1 - M mu(t + 1));  p <- p - lr m̄ / (sqrt(v̂) + eps).

    Source: Dozat 2016, "Incorporating Nesterov momentum into Adam", Algorithm 2.
    """

    def __init__(
        self, parameters: Parameters, lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0.0, momentum_decay: float = 4e-3,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, betas, eps, weight_decay)
        self.momentum_decay = checks.not_negative("momentum_decay", momentum_decay)
        self.product = Cell(np.array(1.0))  # of every mu so far

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The step p - lr m̄ / (sqrt(v̂) + eps)."""
        self.average(g)
        t = self.t.to(self.lr.dtype)
        now, ahead = self._momentum(t), self._momentum(t + 1)
        self.product.write(self.product * now)
        root = ops.sqrt(self.v) * (1 - self.betas[1] ** t) ** -0.5 + self.eps
        of_g = self.lr * (1 - now) / (1 - self.product)
        of_m = self.lr * ahead / (1 - self.product * ahead)
        return p - (of_g * g + of_m * self.m) / root

    def _momentum(self, t: Tensor) -> Tensor:
        return self.betas[0] * (1 - 0.5 * 0.96 ** (t * self.momentum_decay))
