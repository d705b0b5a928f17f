"""A perceptron, 784-256-256-10."""

from __future__ import annotations

from typing import Any

from benchmarks.training_steps.workload import Library, Workload, classification, labelled


def mlp(n: int, width: int) -> Workload:
    def network(library: Library) -> Any:
        nn = library.nn
        return nn.Sequential(nn.Linear(784, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10))

    return Workload(network, classification, labelled(n, (784,)), gate=1.5, aim=3.0)


FULL, TINY = mlp(128, 256), mlp(4, 8)
