"""Down half a cosine, once or again and again."""

from __future__ import annotations

import math

import numpy as np

from descend.engine import Tensor, UsageError, ops
from descend.optim import checks
from descend.optim.optimizer import Optimizer
from descend.optim.schedules.schedule import Schedule

_RESTARTS = 2.0**40  # steps up to which restarts are told apart


class CosineSchedule(Schedule):
    """Up in a straight line over `warmup` steps, then down half a cosine to floor * lr at `steps`, then constant.

    lr(t) = peak * min((t + 1) / warmup, 1) * (floor + (1 - floor) (1 + cos(pi d)) / 2),
    d = (t - warmup) / (steps - warmup) limited to [0, 1], t counted from 0.

    Raises: UsageError unless 0 <= warmup < steps and 0 <= floor <= 1.
    Source: Loshchilov and Hutter 2017, arXiv:1608.03983, Eq. 5 (without restarts); warm-up: Goyal et al. 2017,
    arXiv:1706.02677, section 2.2.
    """

    def __init__(self, optimizer: Optimizer, steps: int, warmup: int = 0, floor: float = 0.0) -> None:
        self.steps, self.warmup = checks.count("steps", steps, 1), checks.count("warmup", warmup, 0)
        self.floor = checks.not_negative("floor", floor)
        if self.warmup >= self.steps or self.floor > 1:
            raise UsageError(
                "a schedule has more steps than its warm-up, and ends below its peak",
                given=f"steps={steps}, warmup={warmup}, floor={floor:g}", needed="0 <= warmup < steps, 0 <= floor <= 1",
            )  # fmt: skip
        super().__init__(optimizer)

    def factor(self, t: Tensor) -> Tensor:
        """min((t + 1) / warmup, 1) times the cosine."""
        done = ops.clip((t - self.warmup) / (self.steps - self.warmup), 0.0, 1.0)
        down = self.floor + (1 - self.floor) * half_cosine(done)
        return down if not self.warmup else ops.minimum((t + 1) / self.warmup, 1.0) * down


class CosineAnnealingWarmRestarts(Schedule):
    """Down half a cosine over T_0 steps, back to the peak, down over T_0 T_mult steps, and so on.

    lr = eta_min + (peak - eta_min) (1 + cos(pi T_cur / T_i)) / 2, T_cur the steps since the last restart.

    Source: Loshchilov and Hutter 2017, arXiv:1608.03983, Eq. 5.
    """

    def __init__(self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> None:
        self.T_0, self.T_mult = checks.count("T_0", T_0, 1), checks.count("T_mult", T_mult, 1)
        self.eta_min = checks.not_negative("eta_min", eta_min)
        self.restarts = Tensor(self._restarts())
        super().__init__(optimizer)

    def factor(self, t: Tensor) -> Tensor:
        """The cosine of the period that t lies in."""
        if self.T_mult == 1:
            done = t / self.T_0 - whole(t / self.T_0)
        else:
            number = ops.sum(ops.less_equal(self.restarts, t)) - 1
            done = (t - self.restarts[number]) / (self.T_0 * float(self.T_mult) ** number.to(t.dtype))
        low = self.eta_min / self.peak
        return low + (1 - low) * half_cosine(done)

    def _restarts(self) -> np.ndarray:
        """0, T_0, T_0 (1 + T_mult), ...: looked up, because a logarithm would miss some of them by rounding."""
        starts = [0.0]
        length = float(self.T_0)
        while self.T_mult > 1 and starts[-1] < _RESTARTS:
            starts.append(starts[-1] + length)
            length *= self.T_mult
        return np.array(starts)


def half_cosine(done: Tensor) -> Tensor:
    """From 1 at 0 down to 0 at 1: (1 + cos(pi done)) / 2."""
    return 0.5 * (1 + ops.cos(math.pi * done))


def whole(x: Tensor) -> Tensor:
    """The whole part of a number that is not negative."""
    return x.to(np.int64).to(x.dtype)
