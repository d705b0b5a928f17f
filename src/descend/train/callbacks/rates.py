"""Learning rates that change after epochs. (A schedule that counts steps is the trainer's own.)"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from descend.optim import ReduceLROnPlateau, Schedule
from descend.train import checks
from descend.train.callbacks.watching import measured
from descend.train.events import Epoch, Event


class EachEpoch:
    """Steps a schedule after every epoch: `EachEpoch(StepLR(optimizer, 30))` counts epochs."""

    def __init__(self, schedule: Schedule) -> None:
        checks.schedule(schedule)
        self.schedule = schedule

    def __call__(self, event: Event) -> None:
        """Listen."""
        if isinstance(event, Epoch):
            self.schedule.step()

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The schedule's state."""
        return self.schedule.state_dict()

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken."""
        self.schedule.load_state_dict(arrays)


class OnPlateau:
    """Tells a `ReduceLROnPlateau` the metric after every epoch."""

    def __init__(self, schedule: ReduceLROnPlateau, metric: str = "validation_loss") -> None:
        checks.kind(schedule, ReduceLROnPlateau, "a ReduceLROnPlateau")
        self.schedule, self.metric = schedule, metric

    def __call__(self, event: Event) -> None:
        """Listen."""
        if isinstance(event, Epoch):
            self.schedule.step(measured(event, self.metric))

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The schedule's state."""
        return self.schedule.state_dict()

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken."""
        self.schedule.load_state_dict(arrays)
