"""Schedules: the learning rate as a function of the step. They count in a cell and write to a cell, so they trace."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, Tensor, UsageError, no_grad, ops
from descend.optim.optimizer import Optimizer


class CosineSchedule:
    """Up in a straight line over `warmup` steps, then down half a cosine to floor * lr at `steps`, and constant after.

    Call `step()` after the optimiser's. The peak is the learning rate that the optimiser was made with.
    Source: Loshchilov and Hutter 2017, arXiv:1608.03983, Eq. 5 (without restarts); warm-up: Goyal et al. 2017.
    """

    def __init__(self, optimizer: Optimizer, steps: int, warmup: int = 0, floor: float = 0.0) -> None:
        if not 0 <= warmup < steps:
            raise UsageError("a schedule needs more steps than its warm-up", given=f"steps={steps}, warmup={warmup}", needed="0 <= warmup < steps")
        self.optimizer, self.steps, self.warmup, self.floor = optimizer, steps, warmup, floor
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

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return {"t": self.t.numpy(), "peak": self.peak.numpy()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken."""
        self.t.write(arrays["t"])
        self.peak.write(arrays["peak"])
        self._set()
