"""Schedules: the learning rate as a function of the step.

They count in a cell and write to a cell, so a traced step follows them without a new trace.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, Tensor, UsageError, no_grad, ops
from descend.optim import checks
from descend.optim.optimizer import Optimizer
from descend.optim.state import load_state


class CosineSchedule:
    """Up in a straight line over `warmup` steps, then down half a cosine to floor * lr at `steps`, then constant.

    lr(t) = peak * min((t + 1) / warmup, 1) * (floor + (1 - floor) (1 + cos(pi d)) / 2),
    d = (t - warmup) / (steps - warmup) limited to [0, 1], t counted from 0.

    Call `step()` after the optimiser's. The peak is the learning rate that the optimiser was made with.
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
        self.optimizer = optimizer
        self.peak = Cell(optimizer.lr.numpy())
        self.t = Cell(np.array(0, np.int64))
        self._set()

    def step(self) -> None:
        """Set the learning rate of the next step."""
        with no_grad():
            self.t.write(self.t + 1)
        self._set()

    def _set(self) -> None:
        with no_grad():
            self.optimizer.lr.write(self.peak * self._factor(self.t.to(self.peak.dtype)))

    def _factor(self, t: Tensor) -> Tensor:
        done = ops.clip((t - self.warmup) / (self.steps - self.warmup), 0.0, 1.0)
        down = self.floor + (1 - self.floor) * 0.5 * (1 + ops.cos(math.pi * done))
        return down if not self.warmup else ops.minimum((t + 1) / self.warmup, 1.0) * down

    def _state(self) -> dict[str, Cell]:
        return {"t": self.t, "peak": self.peak}

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return {name: cell.numpy() for name, cell in self._state().items()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken. Raises: UsageError, ShapeError for another schedule's state."""
        load_state("schedule", self._state(), arrays)
        self._set()
