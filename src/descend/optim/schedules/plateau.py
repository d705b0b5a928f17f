"""Lower the learning rate where a metric no longer gets better. Host-side: it is told the metric."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, UsageError
from descend.optim import checks
from descend.optim.optimizer import Optimizer
from descend.optim.settings import Known
from descend.optim.state import load_state


class ReduceLROnPlateau(Known):
    """lr <- max(factor lr, min_lr) once the metric has not been better for more than `patience` steps.

    Better is less than best (1 - threshold), with mode "max" more than best (1 + threshold). After a reduction
    `cooldown` steps are not counted.

    Raises: UsageError for another mode, or a factor outside [0, 1).
    """

    def __init__(
        self, optimizer: Optimizer, mode: Literal["min", "max"] = "min", factor: float = 0.1, patience: int = 10,
        threshold: float = 1e-4, cooldown: int = 0, min_lr: float = 0.0,
    ) -> None:  # fmt: skip
        if mode not in ("min", "max"):
            raise UsageError("a metric is to fall or to rise", given=f"mode={mode!r}", needed="'min' or 'max'")
        self.optimizer, self.falling = optimizer, mode == "min"
        self.factor, self.patience = checks.fraction("factor", factor), checks.count("patience", patience, 0)
        self.threshold = checks.not_negative("threshold", threshold)
        self.cooldown, self.min_lr = checks.count("cooldown", cooldown, 0), checks.not_negative("min_lr", min_lr)
        self.best = Cell(np.array(np.inf if self.falling else -np.inf))
        self.bad, self.resting = Cell(np.array(0, np.int64)), Cell(np.array(0, np.int64))

    def step(self, metric: float) -> bool:
        """Take in what was measured. Returns whether the learning rate was lowered."""
        better = self._better(float(metric))
        if better:
            self.best.write(float(metric))
        resting = int(self.resting.item())
        self.resting.write(max(resting - 1, 0))
        self.bad.write(0 if better or resting else int(self.bad.item()) + 1)
        if int(self.bad.item()) <= self.patience:
            return False
        self._lower()
        return True

    def _better(self, metric: float) -> bool:
        best = float(self.best.item())
        if self.falling:
            return metric < best * (1 - self.threshold)
        return metric > best * (1 + self.threshold)

    def _lower(self) -> None:
        self.optimizer.lr.write(max(float(self.optimizer.lr.item()) * self.factor, self.min_lr))
        self.bad.write(0)
        self.resting.write(self.cooldown)

    def _state(self) -> dict[str, Cell]:
        return {"best": self.best, "bad": self.bad, "resting": self.resting}

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return {name: cell.numpy() for name, cell in self._state().items()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken. Raises: UsageError, ShapeError for another schedule's state."""
        load_state("schedule", self._state(), arrays)
