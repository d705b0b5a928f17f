"""The best weights so far in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from descend.nn import Module
from descend.train import checks
from descend.train.callbacks.watching import Watched
from descend.train.events import Epoch, Event
from descend.train.weights import save_weights


class BestCheckpoint:
    """Saves the weights after every epoch that is the best so far: see `weights.save_weights`.

    Args:
        path: the file, which ends in .safetensors; written whole or not at all.
        metric: what is watched, as it is named in `Epoch.metrics`; choose on validation data.
    """

    def __init__(self, model: Module, path: str | Path, metric: str = "validation_loss") -> None:
        checks.kind(model, Module, "a module")
        self.model, self.path, self.watched = model, Path(path), Watched(metric)

    def __call__(self, event: Event) -> None:
        """Listen."""
        if isinstance(event, Epoch) and self.watched.improves(event):
            save_weights(self.model, self.path, {"epoch": event.epoch, self.watched.metric: self.watched.best})

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """What was best."""
        return self.watched.state_dict()

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken."""
        self.watched.load_state_dict(arrays)
