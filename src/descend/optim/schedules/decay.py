"""Learning rates that go one way: in steps, along a power, a line or a root."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from descend.engine import Tensor, UsageError, ops
from descend.optim import checks
from descend.optim.optimizer import Optimizer
from descend.optim.schedules.cosine import whole
from descend.optim.schedules.schedule import Schedule


class StepLR(Schedule):
    """lr(t) = peak gamma^floor(t / step_size): times gamma after every step_size steps."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size, self.gamma = checks.count("step_size", step_size, 1), checks.not_negative("gamma", gamma)
        super().__init__(optimizer)

    def factor(self, t: Tensor) -> Tensor:
        """gamma^floor(t / step_size)."""
        return self.gamma ** whole(t / self.step_size)


class MultiStepLR(Schedule):
    """lr(t) = peak gamma^(number of milestones <= t): times gamma at each milestone."""

    def __init__(self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1) -> None:
        self.milestones = Tensor(increasing("milestones", milestones))
        self.gamma = checks.not_negative("gamma", gamma)
        super().__init__(optimizer)

    def factor(self, t: Tensor) -> Tensor:
        """gamma^(number of milestones <= t)."""
        return self.gamma ** ops.sum(ops.less_equal(self.milestones, t)).to(t.dtype)


class ExponentialLR(Schedule):
    """lr(t) = peak gamma^t."""

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = checks.not_negative("gamma", gamma)
        super().__init__(optimizer)

    def factor(self, t: Tensor) -> Tensor:
        """gamma^t."""
        return self.gamma**t


class LinearLR(Schedule):
    """A straight line from start_factor to end_factor over total_iters steps, then constant: a warm-up, or a decay.

    lr(t) = peak (start_factor + (end_factor - start_factor) min(t / total_iters, 1)).
    """

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        self.start_factor = checks.not_negative("start_factor", start_factor)
        self.end_factor = checks.not_negative("end_factor", end_factor)
        self.total_iters = checks.count("total_iters", total_iters, 1)
        super().__init__(optimizer)

    def factor(self, t: Tensor) -> Tensor:
        """The line."""
        done = ops.minimum(t / self.total_iters, 1.0)
        return self.start_factor + (self.end_factor - self.start_factor) * done


class PolynomialLR(Schedule):
    """lr(t) = peak (1 - min(t / total_iters, 1))^power: a line to 0 where power is 1."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0) -> None:
        self.total_iters, self.power = checks.count("total_iters", total_iters, 1), checks.positive("power", power)
        super().__init__(optimizer)

    def factor(self, t: Tensor) -> Tensor:
        """(1 - min(t / total_iters, 1))^power."""
        return (1 - ops.minimum(t / self.total_iters, 1.0)) ** self.power


class InverseSquareRoot(Schedule):
    """Up in a straight line over `warmup` steps, then down as 1 / sqrt(t).

    lr(t) = peak min((t + 1) / warmup, sqrt(warmup / (t + 1))).

    Source: Vaswani et al. 2017, arXiv:1706.03762, Eq. 3, with the peak given instead of the model's width.
    """

    def __init__(self, optimizer: Optimizer, warmup: int) -> None:
        self.warmup = checks.count("warmup", warmup, 1)
        super().__init__(optimizer)

    def factor(self, t: Tensor) -> Tensor:
        """The lower of the line and the root."""
        share = (t + 1) / self.warmup
        return ops.minimum(share, share**-0.5)


def increasing(name: str, given: Sequence[int]) -> np.ndarray:
    """Step numbers as floats. Raises: UsageError unless they increase from 1 up."""
    steps = [checks.count(name, step, 1) for step in given] if isinstance(given, (list, tuple)) else []
    if not steps or sorted(set(steps)) != steps:
        raise UsageError(f"{name} are increasing numbers of steps", given=f"{name}={given!r}", needed="like [30, 80]")
    return np.array(steps, np.float64)
