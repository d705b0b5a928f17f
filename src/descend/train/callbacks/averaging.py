"""Averaged weights, taken during training and put into the model at its end."""

from __future__ import annotations

from typing import Any, Literal

from numpy.typing import NDArray

from descend.engine.errors import UsageError
from descend.nn import Module
from descend.optim.averages import Average
from descend.train import checks
from descend.train.batchnorm import update_bn
from descend.train.evaluate import Batches
from descend.train.events import Epoch, Event, Step


class Averaging:
    """Updates an average after every step or epoch, and puts it into the model when training has ended.

    So the test data are measured with averaged weights; validation data are measured with the optimiser's.

    Args:
        average: `optim.EMA` for every step, `optim.SWA` for every epoch.
        first: the epoch, counted from 1, in which it begins.
        model, batches: for a model with BatchNorm, whose running averages belong to the optimiser's weights: they are
            taken anew over these batches, those of the training data: see `update_bn`.
    """

    def __init__(
        self, average: Average, each: Literal["step", "epoch"] = "step", first: int = 1, *,
        model: Module | None = None, batches: Batches | None = None,
    ) -> None:  # fmt: skip
        checks.kind(average, Average, "optim.EMA or optim.SWA of the model's parameters")
        if each not in ("step", "epoch") or first < 1:
            given = f"each={each!r}, first={first}"
            raise UsageError("weights are averaged over steps or epochs", given=given, needed="step or epoch, from 1")
        if (model is None) != (batches is None):
            given = "batches" if model is None else "a model"
            raise UsageError("one of model and batches is missing", given=given, needed="both, or neither")
        self.average, self.kind, self.first = average, Step if each == "step" else Epoch, first
        self.model, self.batches = model, batches

    def __call__(self, event: Event) -> None:
        """Listen."""
        if isinstance(event, self.kind) and event.epoch >= self.first:
            self.average.update()

    def finish(self) -> None:
        """Put the averages into the model."""
        if not self.average.n.item():
            return
        self.average.apply()
        if self.model is not None and self.batches is not None:
            update_bn(self.batches, self.model)

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The average's state."""
        return self.average.state_dict()

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken."""
        self.average.load_state_dict(arrays)
