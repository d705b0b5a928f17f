"""A character model: two LSTM layers and a linear one on one-hot letters, predicting the next at every step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.training_steps.workload import Arrays, Library, Workload


def lstm(n: int, time: int, width: int, vocabulary: int) -> Workload:
    def network(library: Library) -> Any:
        nn = library.nn

        class Characters(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.lstm = nn.LSTM(vocabulary, width, 2)
                self.head = nn.Linear(width, vocabulary)

            def forward(self, x: Any) -> Any:
                return self.head(self.lstm(x)[0].reshape(time * n, width))

        return Characters()

    def losses(library: Library, model: Any, x: Any, y: Any) -> Iterator[Any]:
        yield library.functional.cross_entropy(model(x), y)

    def batch(rng: np.random.Generator) -> Arrays:
        text = rng.integers(0, vocabulary, (time + 1, n))
        return np.eye(vocabulary, dtype=np.float32)[text[:-1]], text[1:].reshape(-1)

    return Workload(network, losses, batch, gate=1.2, aim=2.0)


FULL, TINY = lstm(50, 50, 128, 65), lstm(3, 4, 5, 7)
