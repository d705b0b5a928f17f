"""Windowgrad: ConvNetJS's RMSprop."""

from __future__ import annotations

from descend.engine import Tensor, ops
from descend.optim import checks
from descend.optim.groups import Parameters
from descend.optim.optimizer import Optimizer


class Windowgrad(Optimizer):
    """v <- rho v + (1 - rho) g²;  p <- p - lr g / sqrt(v + eps).

    RMSprop with eps inside the root and ConvNetJS's defaults.

    Source: Karpathy, ConvNetJS, method "windowgrad".
    Differs: from ConvNetJS in that weight decay is plain L2, without its factors for each layer.
    """

    def __init__(
        self, parameters: Parameters, lr: float = 1e-2, rho: float = 0.95, eps: float = 1e-8, weight_decay: float = 0.0
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.rho = checks.fraction("rho", rho)
        self.eps = checks.positive("eps", eps)  # where every gradient so far was 0 the root must not be
        self.v = self.vector()

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The step p - lr g / sqrt(v + eps)."""
        self.v.write(self.rho * self.v + (1 - self.rho) * (g * g))
        return p - self.lr * g / ops.sqrt(self.v + self.eps)
