"""Ending a training early: when nothing gets better, or when numbers are lost."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from descend.engine.errors import UsageError
from descend.nn import Module
from descend.train import checks, events
from descend.train.callbacks.watching import Watched
from descend.train.events import Epoch, Event

_WEIGHTS = "weights/"


class EarlyStopping:
    """Stops after `patience` epochs without a better value, and puts the best weights back.

    They are put back whatever ends the training, before the test data are measured.

    Args:
        model: whose weights are kept, or None to leave the weights as they are at the end.
        metric: what is watched, as it is named in `Epoch.metrics`; choose on validation data.
        min_delta: how much better counts as better.

    Source: Prechelt 1998, "Early stopping - but when?", class UP.
    """

    def __init__(
        self, model: Module | None, metric: str = "validation_loss", patience: int = 3, min_delta: float = 0.0
    ) -> None:
        if model is not None:
            checks.kind(model, Module, "a module, or None,")
        if patience < 1 or min_delta < 0:
            given = f"patience={patience}, min_delta={min_delta:g}"
            raise UsageError("early stopping waits for something", given=given, needed="patience >= 1, min_delta >= 0")
        self.model, self.patience, self.watched = model, patience, Watched(metric, min_delta)
        self.weights: dict[str, NDArray[Any]] = {}

    def __call__(self, event: Event) -> str | None:
        """Listen."""
        if not isinstance(event, Epoch):
            return None
        if self.watched.improves(event) and self.model is not None:
            self.weights = self.model.state_dict()
        return "stop" if self.watched.waited >= self.patience else None

    def finish(self) -> None:
        """Put the best weights back."""
        if self.model is not None and self.weights:
            self.model.load_state_dict(self.weights)

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """What was best, and the weights of then."""
        return self.watched.state_dict() | {_WEIGHTS + name: array for name, array in self.weights.items()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken."""
        self.watched.load_state_dict(arrays)
        self.weights = {n.removeprefix(_WEIGHTS): a for n, a in arrays.items() if n.startswith(_WEIGHTS)}


class TerminateOnNaN:
    """Stops quietly where a loss or a metric is NaN or infinite. Without it the trainer raises NonFiniteError."""

    def __call__(self, event: Event) -> str | None:
        """Listen."""
        lost = isinstance(event, events.Warning) and event.topic == "non_finite"
        if isinstance(event, Epoch):
            lost = not all(math.isfinite(value) for value in event.metrics.values())
        return "stop" if lost else None
