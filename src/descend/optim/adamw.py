"""AdamW: Adam with weight decay beside the gradient instead of inside it."""

from __future__ import annotations

from descend.optim.adam import Adam
from descend.optim.groups import Parameters


class AdamW(Adam):
    """p <- p - lr weight_decay p, then Adam's step.

    In Adam, decay that is added to g is divided by sqrt(v̂) with it: weights with large gradients decay least. Here
    all shrink by the same factor.

    Source: Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2.
    Differs: from the paper in multiplying the decay by lr, as PyTorch does.
    """

    decoupled = True

    def __init__(
        self, parameters: Parameters, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 1e-2,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, betas, eps, weight_decay)
