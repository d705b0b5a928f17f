"""A tiny perceptron, 2-16-16-1 with tanh, on 32 examples: arithmetic is nothing, what surrounds it everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.training_steps.workload import Arrays, Library, Workload


def small(n: int, width: int) -> Workload:
    def network(library: Library) -> Any:
        nn = library.nn
        return nn.Sequential(
            nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1)
        )  # fmt: skip

    def losses(library: Library, model: Any, x: Any, y: Any) -> Iterator[Any]:
        yield library.functional.mse_loss(model(x), y)

    def batch(rng: np.random.Generator) -> Arrays:
        return rng.standard_normal((n, 2)).astype(np.float32), rng.standard_normal((n, 1)).astype(np.float32)

    return Workload(network, losses, batch, eager=True)


FULL, TINY = small(32, 16), small(3, 4)
