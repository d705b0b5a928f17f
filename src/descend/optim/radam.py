"""RAdam: Adam that does not trust its v before there is enough of it."""

from __future__ import annotations

from descend.engine import Tensor, ops
from descend.optim.adam import Adam


class RAdam(Adam):
    """Momentum alone in the first steps, then Adam, with the variance of 1 / sqrt(v̂) rectified.

    limit = 2 / (1 - b2) - 1, rho = limit - 2 t b2^t / (1 - b2^t): the number of gradients that v stands for.
    p <- p - lr m̂ r / (sqrt(v̂) + eps') where rho > 5, else p - lr m̂;
    r² = (rho - 4) (rho - 2) limit / ((limit - 4) (limit - 2) rho).

    Source: Liu et al. 2020, arXiv:1908.03265, Algorithm 2.
    Differs: from the paper in adding eps to sqrt(v) before its bias is corrected, as PyTorch does.
    """

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The step p - lr m̂, rectified where rho > 5."""
        self.average(g)
        b1, b2 = self.betas
        t = self.t.to(self.lr.dtype)
        limit = 2 / (1 - b2) - 1
        rho = limit - 2 * t * b2**t / (1 - b2**t)
        enough = ops.maximum(rho, 5.0)  # where rho is less, its root need not be real and is not used
        r = ops.sqrt((enough - 4) * (enough - 2) * limit / ((limit - 4) * (limit - 2) * enough))
        adapted = r * (1 - b2**t) ** 0.5 / (ops.sqrt(self.v) + self.eps)
        return p - self.lr / (1 - b1**t) * self.m * ops.where(rho > 5, adapted, 1.0)
