"""`Watched`: one metric over the epochs, and which value of it is the best."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine.errors import UsageError, near_miss
from descend.train.events import Epoch

_FALLING = ("loss", "error")


class Watched:
    """Follows a metric. Names that end in "loss" or "error" are to fall, others to rise.

    Attributes:
        best: the best value so far. waited: epochs since then.
    """

    def __init__(self, metric: str, min_delta: float = 0.0) -> None:
        self.metric, self.min_delta = metric, min_delta
        self.falling = metric.endswith(_FALLING)
        self.best, self.waited = (math.inf if self.falling else -math.inf), 0

    def improves(self, epoch: Epoch) -> bool:
        """Whether this epoch's value beats the best by more than min_delta; NaN never does.

        Raises UsageError where the metric was not measured.
        """
        value = measured(epoch, self.metric)
        gain = self.best - value if self.falling else value - self.best
        better = gain > self.min_delta
        self.best, self.waited = (value, 0) if better else (self.best, self.waited + 1)
        return better

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Best value and waiting time."""
        return {"best": np.array(self.best), "waited": np.array(self.waited)}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken."""
        self.best, self.waited = float(arrays["best"]), int(arrays["waited"])


def measured(epoch: Epoch, metric: str) -> float:
    """A metric of an epoch. Raises UsageError where it was not measured."""
    if metric in epoch.metrics:
        return epoch.metrics[metric]
    raise UsageError(
        f"{metric!r} is not measured after an epoch",
        given=f"measured are {', '.join(epoch.metrics)}",
        needed="one of these",
        fix=near_miss(metric, epoch.metrics) or "give the trainer an Evaluation with validation data",
    )
