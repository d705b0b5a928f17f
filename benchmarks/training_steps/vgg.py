"""Six 3x3 convolutions with batch normalisation and three poolings, on 32x32 images: VGG in small."""

from __future__ import annotations

from typing import Any

from benchmarks.training_steps.workload import Library, Workload, classification, labelled


def vgg(n: int, widths: tuple[int, ...], side: int) -> Workload:
    def network(library: Library) -> Any:
        nn, layers, channels = library.nn, [], 3
        for out in widths:
            for _ in range(2):
                layers += [nn.Conv2d(channels, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU()]
                channels = out
            layers.append(nn.MaxPool2d(2))
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * (side >> len(widths)) ** 2, 10))

    return Workload(network, classification, labelled(n, (3, side, side)), gate=1.6, aim=3.0)


FULL, TINY = vgg(64, (64, 128, 256), 32), vgg(4, (4, 6), 8)
