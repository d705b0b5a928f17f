"""Adagrad: a learning rate for each weight, by the gradients that it has seen."""

from __future__ import annotations

from descend.engine import Tensor, ops
from descend.optim import checks
from descend.optim.groups import Parameters
from descend.optim.optimizer import Optimizer


class Adagrad(Optimizer):
    """s <- s + g²;  p <- p - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps).

    A weight whose gradients were small or rare takes larger steps. s only grows, so all steps shrink.

    Source: Duchi, Hazan and Singer 2011, "Adaptive subgradient methods", section 1.1, with a diagonal matrix.
    """

    def __init__(
        self, parameters: Parameters, lr: float = 1e-2, lr_decay: float = 0.0, weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0, eps: float = 1e-10,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, weight_decay)
        self.lr_decay = checks.not_negative("lr_decay", lr_decay)
        self.eps = checks.not_negative("eps", eps)
        self.s = self.vector(checks.not_negative("initial_accumulator_value", initial_accumulator_value))

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The step p - lr g / (sqrt(s) + eps)."""
        self.s.write(self.s + g * g)
        lr = self.lr / (1 + (self.t - 1).to(self.lr.dtype) * self.lr_decay) if self.lr_decay else self.lr
        return p - lr * g / (ops.sqrt(self.s) + self.eps)
