"""Rprop: step sizes from the signs of the gradient alone. For full batches."""

from __future__ import annotations

from descend.engine import Tensor, UsageError, ops
from descend.optim import checks
from descend.optim.groups import Parameters
from descend.optim.optimizer import Optimizer


class Rprop(Optimizer):
    """p <- p - sign(g) size; each weight's size grows while its gradient keeps its sign, and shrinks when it turns.

    size <- clip(size etas[1], step_sizes) where g and the last g agree in sign; where they disagree
    size <- clip(size etas[0], step_sizes), and that weight rests for this step.

    lr is the size of the first step. Signs are noise between small batches: give it all examples at once.

    Raises: UsageError unless 0 < etas[0] < 1 < etas[1] and 0 < step_sizes[0] <= step_sizes[1].
    Source: Riedmiller and Braun 1993, "A direct adaptive method for faster backpropagation learning: the RPROP
    algorithm"; resting where the sign turns: Igel and Hüsken 2000, iRprop-.
    """

    def __init__(
        self, parameters: Parameters, lr: float = 1e-2, etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0), weight_decay: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, weight_decay)
        self.etas = checks.pair("etas", etas)
        self.step_sizes = checks.pair("step_sizes", step_sizes)
        if not 0 < self.etas[0] < 1 < self.etas[1] or not 0 < self.step_sizes[0] <= self.step_sizes[1]:
            raise UsageError(
                "step sizes shrink by the first of the etas and grow by the second, between two limits",
                given=f"etas={etas}, step_sizes={step_sizes}", needed="0 < etas[0] < 1 < etas[1], sizes increasing",
                fix="the usual ones are (0.5, 1.2) and (1e-6, 50)",
            )  # fmt: skip
        self.sizes, self.last = self.vector(float(lr)), self.vector()

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The step p - sign(g) size."""
        agreement = ops.sign(g * self.last)
        longer, shorter = self.sizes * self.etas[1], self.sizes * self.etas[0]
        sizes = ops.where(agreement > 0, longer, ops.where(agreement < 0, shorter, self.sizes))
        self.sizes.write(ops.clip(sizes, *self.step_sizes))
        self.last.write(ops.where(agreement < 0, 0.0, g))
        return p - ops.sign(self.last) * self.sizes
