"""LeNet: two 5x5 convolutions with pooling, two layers, on 28x28 images."""

from __future__ import annotations

from typing import Any

from benchmarks.training_steps.workload import Library, Workload, classification, labelled


def lenet(n: int, channels: int) -> Workload:
    def network(library: Library) -> Any:
        nn, c = library.nn, channels
        return nn.Sequential(
            nn.Conv2d(1, c, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(c, 2 * c, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(98 * c, 4 * c), nn.ReLU(), nn.Linear(4 * c, 10),
        )  # fmt: skip

    return Workload(network, classification, labelled(n, (1, 28, 28)), gate=2.0, aim=4.0, eager=True)


FULL, TINY = lenet(128, 32), lenet(2, 2)
