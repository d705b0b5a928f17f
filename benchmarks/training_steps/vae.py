"""A variational autoencoder, 784-400-20-400-784. Source: Kingma & Welling 2013, arXiv:1312.6114."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.training_steps.workload import Arrays, Library, Workload


def vae(n: int, width: int, latent: int) -> Workload:
    def network(library: Library) -> Any:
        nn = library.nn

        class Autoencoder(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.encoder = nn.Sequential(nn.Linear(784, width), nn.ReLU())
                self.mean, self.log_variance = nn.Linear(width, latent), nn.Linear(width, latent)
                self.decoder = nn.Sequential(nn.Linear(latent, width), nn.ReLU(), nn.Linear(width, 784))

            def forward(self, x: Any, noise: Any) -> Any:
                h = self.encoder(x)
                mean, log_variance = self.mean(h), self.log_variance(h)
                return self.decoder(mean + noise * (0.5 * log_variance).exp()), mean, log_variance

        return Autoencoder()

    def losses(library: Library, model: Any, x: Any, noise: Any) -> Iterator[Any]:
        y, mean, log_variance = model(x, noise)
        reconstruction = library.functional.binary_cross_entropy_with_logits(y, x, reduction="sum")
        divergence = 0.5 * (mean * mean + log_variance.exp() - 1 - log_variance).sum()
        yield (reconstruction + divergence) / n

    def batch(rng: np.random.Generator) -> Arrays:
        return rng.random((n, 784), np.float32), rng.standard_normal((n, latent), np.float32)

    return Workload(network, losses, batch)


FULL, TINY = vae(128, 400, 20), vae(3, 6, 2)
