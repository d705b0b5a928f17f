"""Weighted means over a neighbourhood."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array


def smoothing(n: int, sigma: float) -> NDArray[np.float32]:
    """The matrix A with A x = x smoothed: A_ij proportional to exp(-(i - j)² / 2σ²), rows summing to 1.

    Near an end the mean is over what is there. Shape (n, n). sigma in samples.
    """
    distance = np.arange(n)[:, None] - np.arange(n)
    weights = np.exp(-0.5 * (distance / sigma) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def smoothed(x: Array, sigma: float) -> NDArray[np.float32]:
    """The last two axes smoothed by a Gaussian: a product with a matrix from either side."""
    rows, columns = smoothing(x.shape[-2], sigma), smoothing(x.shape[-1], sigma)
    return np.asarray(rows @ x @ columns.T, np.float32)
