"""AMSGrad: Adam whose steps never grow again."""

from __future__ import annotations

from descend.engine import Tensor, ops
from descend.optim.adam import Adam
from descend.optim.groups import Parameters


class AMSGrad(Adam):
    """Adam with the largest v so far in place of v, so that a rare large gradient is not forgotten.

    highest <- max(highest, v);  p <- p - lr m̂ / (sqrt(highest / (1 - b2^t)) + eps).

    Source: Reddi, Kale and Kumar 2018, arXiv:1904.09237, Algorithm 2.
    Differs: from the paper in keeping Adam's corrections of bias; from PyTorch, where it is Adam(amsgrad=True).
    """

    def __init__(
        self, parameters: Parameters, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, betas, eps, weight_decay)
        self.highest = self.vector()

    def second_moment(self) -> Tensor:
        """The largest average of g² so far."""
        self.highest.write(ops.maximum(self.highest, self.v))
        return self.highest
