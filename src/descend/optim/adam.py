"""Adam."""

from __future__ import annotations

from descend.engine import Tensor, ops
from descend.optim import checks
from descend.optim.groups import Parameters
from descend.optim.optimizer import Optimizer


class Adam(Optimizer):
    """m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g²;  p <- p - lr m̂ / (sqrt(v̂) + eps).

    m̂ = m / (1 - b1^t) and v̂ = v / (1 - b2^t) undo the pull towards the zeros that m and v begin with, so that the
    first step has length lr in every coordinate, whatever the scale of g. Weight decay adds weight_decay p to g.

    Source: Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1.
    """

    def __init__(
        self, parameters: Parameters, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, weight_decay)
        self.betas = checks.betas(betas)
        self.eps = checks.not_negative("eps", eps)
        self.m, self.v = self.vector(), self.vector()

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The step p - lr m̂ / (sqrt(v̂) + eps)."""
        self.average(g)
        b1, b2 = self.betas
        t = self.t.to(self.lr.dtype)
        step, unbias = self.lr / (1 - b1**t), (1 - b2**t) ** -0.5  # numbers: cheaper here than on vectors
        return p - step * self.m / (ops.sqrt(self.second_moment()) * unbias + self.eps)

    def average(self, g: Tensor) -> None:
        """Take g into m and v."""
        b1, b2 = self.betas
        self.m.write(b1 * self.m + (1 - b1) * g)
        self.v.write(b2 * self.v + (1 - b2) * (g * g))

    def second_moment(self) -> Tensor:
        """The average of g² that the step is divided by the root of."""
        return self.v
