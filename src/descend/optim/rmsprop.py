"""RMSprop: the gradient over its own recent size."""

from __future__ import annotations

from descend.engine import Tensor, ops
from descend.optim import checks
from descend.optim.groups import Parameters
from descend.optim.optimizer import Optimizer


class RMSprop(Optimizer):
    """v <- alpha v + (1 - alpha) g²;  p <- p - lr g / (sqrt(v) + eps).

    With `centered` the mean is taken out of the mean square: v - m², m <- alpha m + (1 - alpha) g. With momentum the
    step is the velocity <- momentum velocity + g / (sqrt(v) + eps).

    Source: Hinton 2012, "Neural networks for machine learning", lecture 6e; centred: Graves 2013, arXiv:1308.0850,
    Eqs. 38 to 45.
    Differs: from Graves in adding eps outside the root and keeping lr outside the velocity, as PyTorch does.
    """

    def __init__(
        self, parameters: Parameters, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
        weight_decay: float = 0.0, momentum: float = 0.0, centered: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, weight_decay)
        self.alpha = checks.fraction("alpha", alpha)
        self.eps = checks.not_negative("eps", eps)
        self.momentum = checks.fraction("momentum", momentum)
        self.v = self.vector()
        self.m = self.vector() if centered else None
        self.velocity = self.vector() if momentum else None

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The step p - lr g / (sqrt(v) + eps)."""
        self.v.write(self.alpha * self.v + (1 - self.alpha) * (g * g))
        step = g / (ops.sqrt(self._variance(g)) + self.eps)
        if self.velocity is not None:
            self.velocity.write(self.momentum * self.velocity + step)
            step = self.velocity
        return p - self.lr * step

    def _variance(self, g: Tensor) -> Tensor:
        if self.m is None:
            return self.v
        self.m.write(self.alpha * self.m + (1 - self.alpha) * g)
        return ops.maximum(self.v - self.m * self.m, 0)  # rounding can make it negative
