"""`Schedule`: what all schedules share.

They count in a cell and write to a cell, so a traced step follows them without a new trace.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, Tensor, no_grad
from descend.optim.optimizer import Optimizer, checked
from descend.optim.settings import Known
from descend.optim.state import load_state


class Schedule(Known, ABC):
    """lr(t) = peak * factor(t), t = 0, 1, ... the number of steps that it has taken.

    Call `step()` after the optimiser's, or after every epoch: t counts what is called. The peak is the learning rate
    that the optimiser had when its first schedule was made, as in PyTorch. Raises: UsageError for no optimiser.
    """

    def __init__(self, optimizer: Optimizer, peak: float | None = None) -> None:
        if checked(optimizer).initial_lr is None:
            optimizer.initial_lr = float(optimizer.lr.item())
        self.optimizer = optimizer
        self.peak = Cell(np.array(optimizer.initial_lr if peak is None else peak))
        self.t = Cell(np.array(0, np.int64))
        self._set()

    @abstractmethod
    def factor(self, t: Tensor) -> Tensor:
        """The learning rate of step t as a share of the peak. Shapes: t floating () to ()."""

    def step(self) -> None:
        """Set the learning rate of the next step."""
        with no_grad():
            self.t.write(self.t + 1)
        self._set()

    def _set(self) -> None:
        with no_grad():
            self.optimizer.lr.write(self.peak * self.factor(self.t.to(self.peak.dtype)))

    def _state(self) -> dict[str, Cell]:
        return {"t": self.t, "peak": self.peak}

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return {name: cell.numpy() for name, cell in self._state().items()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken. Raises: UsageError, ShapeError for another schedule's state."""
        load_state("schedule", self._state(), arrays)
        self._set()
