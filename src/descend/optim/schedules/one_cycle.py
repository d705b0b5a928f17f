"""One cycle: up to a large learning rate and far down again."""

from __future__ import annotations

from descend.engine import Tensor, UsageError, ops
from descend.optim import checks
from descend.optim.optimizer import Optimizer
from descend.optim.schedules.cosine import half_cosine
from descend.optim.schedules.schedule import Schedule


class OneCycleLR(Schedule):
    """Half a cosine up from max_lr / div_factor to max_lr, half a cosine down to that start / final_div_factor.

    The way up ends at step pct_start * total_steps - 1, the way down at step total_steps - 1; constant after that.

    Raises: UsageError unless 1 <= pct_start * total_steps < total_steps.
    Source: Smith and Topin 2018, arXiv:1708.07120; with cosines: Howard, fastai.
    Differs: from PyTorch in leaving the momentum alone (cycle_momentum=False there).
    """

    def __init__(
        self, optimizer: Optimizer, max_lr: float, total_steps: int, pct_start: float = 0.3,
        div_factor: float = 25.0, final_div_factor: float = 1e4,
    ) -> None:  # fmt: skip
        self.top = checks.fraction("pct_start", pct_start) * checks.count("total_steps", total_steps, 2) - 1
        if self.top < 0:
            raise UsageError(
                "the way up has one step at least", given=f"pct_start={pct_start}, total_steps={total_steps}",
                needed="1 <= pct_start * total_steps",
            )  # fmt: skip
        self.total_steps = total_steps
        self.low = 1 / checks.positive("div_factor", div_factor)
        self.final = self.low / checks.positive("final_div_factor", final_div_factor)
        super().__init__(optimizer, peak=checks.not_negative("max_lr", max_lr))

    def factor(self, t: Tensor) -> Tensor:
        """The half cosine that t lies on."""
        up = 1 - half_cosine(ops.clip(t / max(self.top, 1e-9), 0.0, 1.0))
        down = half_cosine(ops.clip((t - self.top) / (self.total_steps - 1 - self.top), 0.0, 1.0))
        rising, falling = self.low + (1 - self.low) * up, self.final + (1 - self.final) * down
        return ops.where(t < self.top, rising, falling)
