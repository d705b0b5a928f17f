"""Averaged weights, taken during training and put into the model at its end."""

from __future__ import annotations

from typing import Any, Literal

from numpy.typing import NDArray

from descend.engine.errors import UsageError
from descend.optim.averages import Average
from descend.train import checks
from descend.train.events import Epoch, Event, Start, Step


class Averaging:
    """Updates an average after every step or epoch, and puts it into the model after the last epoch.

    So the test data are measured with averaged weights; validation data are measured with the optimiser's.

    Args:
        average: `optim.EMA` for every step, `optim.SWA` for every epoch.
        first: the epoch, counted from 1, in which it begins.
    """

    def __init__(self, average: Average, each: Literal["step", "epoch"] = "step", first: int = 1) -> None:
        checks.kind(average, Average, "optim.EMA or optim.SWA of the model's parameters")
        if each not in ("step", "epoch") or first < 1:
            given = f"each={each!r}, first={first}"
            raise UsageError("weights are averaged over steps or epochs", given=given, needed="step or epoch, from 1")
        self.average, self.kind, self.first = average, Step if each == "step" else Epoch, first
        self.epochs = 0

    def __call__(self, event: Event) -> None:
        """Listen."""
        if isinstance(event, Start):
            self.epochs = event.epochs
        if isinstance(event, self.kind) and event.epoch >= self.first:
            self.average.update()
        if isinstance(event, Epoch) and event.epoch == self.epochs and self.average.n.item():
            self.average.apply()

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The average's state."""
        return self.average.state_dict()

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken."""
        self.average.load_state_dict(arrays)
