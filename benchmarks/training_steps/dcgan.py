"""A DCGAN on 32x32 images, both players. Source: Radford et al. 2015, arXiv:1511.06434."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.training_steps.workload import Arrays, Library, Workload


def generator(nn: Any, latent: int, c: int) -> Any:
    """Noise (n, latent, 1, 1) to images (n, 3, 32, 32)."""
    return nn.Sequential(
        nn.ConvTranspose2d(latent, 4 * c, 4, bias=False), nn.BatchNorm2d(4 * c), nn.ReLU(),
        nn.ConvTranspose2d(4 * c, 2 * c, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(2 * c), nn.ReLU(),
        nn.ConvTranspose2d(2 * c, c, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
        nn.ConvTranspose2d(c, 3, 4, stride=2, padding=1, bias=False), nn.Tanh(),
    )  # fmt: skip


def discriminator(nn: Any, c: int) -> Any:
    """Images to one logit each."""
    return nn.Sequential(
        nn.Conv2d(3, c, 4, stride=2, padding=1, bias=False), nn.LeakyReLU(0.2),
        nn.Conv2d(c, 2 * c, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(2 * c), nn.LeakyReLU(0.2),
        nn.Conv2d(2 * c, 4 * c, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(4 * c), nn.LeakyReLU(0.2),
        nn.Conv2d(4 * c, 1, 4, bias=False), nn.Flatten(),
    )  # fmt: skip


def dcgan(n: int, latent: int, channels: int) -> Workload:
    def network(library: Library) -> Any:
        return library.nn.Sequential(generator(library.nn, latent, channels), discriminator(library.nn, channels))

    def players(model: Any) -> list[Any]:
        return [model[1], model[0]]

    def losses(library: Library, model: Any, images: Any, noise: Any, real: Any, made: Any) -> Iterator[Any]:
        cross_entropy = library.functional.binary_cross_entropy_with_logits
        drawn = model[0](noise)
        yield cross_entropy(model[1](images), real) + cross_entropy(model[1](drawn.detach()), made)
        yield cross_entropy(model[1](drawn), real)

    def batch(rng: np.random.Generator) -> Arrays:
        images = np.tanh(rng.standard_normal((n, 3, 32, 32))).astype(np.float32)
        noise = rng.standard_normal((n, latent, 1, 1)).astype(np.float32)
        return images, noise, np.ones((n, 1), np.float32), np.zeros((n, 1), np.float32)

    return Workload(network, losses, batch, players=players, learning_rate=2e-4)


FULL, TINY = dcgan(64, 100, 64), dcgan(4, 3, 2)
