"""A recurrent network that reads a sequence to its end and names its class."""

from __future__ import annotations

from typing import Any

from descend.engine import Tensor
from descend.nn import GRU, LSTM, RNN, Linear, Module


class SequenceClassifier(Module):
    """Class scores from the output of a recurrent layer at the last step.

    Args:
        recurrent: made with batch_first=True.
        classes: how many.

    Shapes: x (n, t, d); result (n, classes).
    """

    def __init__(self, recurrent: RNN | LSTM | GRU, classes: int) -> None:
        self.recurrent = recurrent
        self.scores = Linear(recurrent.hidden_size * recurrent.directions, classes)

    def forward(self, x: Any) -> Tensor:
        """Read, then decide."""
        outputs, _ = self.recurrent(x)
        scores: Tensor = self.scores(outputs[:, -1])
        return scores
