"""Adamax: Adam with the largest gradient in place of the root of the mean square."""

from __future__ import annotations

from descend.engine import Tensor, ops
from descend.optim import checks
from descend.optim.groups import Parameters
from descend.optim.optimizer import Optimizer


class Adamax(Optimizer):
    """m <- b1 m + (1 - b1) g;  u <- max(b2 u, |g| + eps);  p <- p - lr / (1 - b1^t) m / u.

    u is the limit of Adam's sqrt(v) when the power 2 in it grows without end; it needs no correction of bias.

    Source: Kingma and Ba 2015, arXiv:1412.6980, Algorithm 2.
    Differs: from the paper in adding eps, without which a gradient that is always 0 gives 0 / 0; as PyTorch.
    """

    def __init__(
        self, parameters: Parameters, lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, weight_decay)
        self.betas = checks.betas(betas)
        self.eps = checks.positive("eps", eps)
        self.m, self.u = self.vector(), self.vector()

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The step p - lr m̂ / u."""
        b1, b2 = self.betas
        self.m.write(b1 * self.m + (1 - b1) * g)
        self.u.write(ops.maximum(b2 * self.u, ops.abs(g) + self.eps))
        return p - self.lr / (1 - b1 ** self.t.to(self.lr.dtype)) * self.m / self.u
