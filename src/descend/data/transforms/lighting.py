"""Light of another colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array
from descend.data.draws import Draws
from descend.data.transforms.compose import RandomTransform
from descend.data.transforms.scale import scaled


@dataclass(frozen=True, eq=False)
class Lighting(RandomTransform):
    """One random colour added to all pixels of a picture, along the directions in which colours vary.

    x + P (α λ), α ~ normal(0, std): P the eigenvectors of the colours' covariance, λ its eigenvalues.
    directions: P, shape (c, c), one in each column. spread: λ, shape (c,). x: floats. Values may leave [0, 1].
    Source: Krizhevsky, Sutskever, Hinton 2012, "ImageNet classification with deep convolutional neural networks",
    section 4.1.
    """

    directions: NDArray[np.float32]
    spread: NDArray[np.float32]
    std: float = 0.1

    @classmethod
    def fit(cls, x: Array, std: float = 0.1) -> Lighting:
        """Directions and spread of the pixels of x, in [0, 1]. x: shape (n, c, h, w)."""
        colours = np.moveaxis(scaled(x, "Lighting"), 1, 0).reshape(x.shape[1], -1)
        spread, directions = np.linalg.eigh(np.atleast_2d(np.cov(colours)))
        return cls(directions.astype(np.float32), spread.astype(np.float32), std)

    def change(self, x: Array, draws: Draws) -> Array:
        amount = draws.normal(len(self.spread), std=self.std) * self.spread
        return scaled(x, "Lighting") + (amount @ self.directions.T)[:, :, None, None]
