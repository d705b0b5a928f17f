"""Gaussian noise, added or multiplied, in training only."""

from __future__ import annotations

import math

from descend.engine import Generator, Tensor, as_tensor, default_generator
from descend.nn import checks
from descend.nn.module import Module


class GaussianNoise(Module):
    """x + std ε in training, with ε standard normal for each element; x in use.

    Raises: UsageError for a negative std. Source: Bishop 1995, "Training with noise is equivalent to Tikhonov
    regularization".
    """

    def __init__(self, std: float = 0.1, *, generator: Generator | None = None) -> None:
        self.std, self.generator = checks.between("GaussianNoise", "std", std, 0, float("inf")), generator

    def forward(self, x: Tensor) -> Tensor:
        """The input with noise."""
        if not self.training or self.std == 0:
            return x
        x = as_tensor(x)
        return x + _normal(x, self.generator) * self.std

    def described(self) -> str:
        """The standard deviation."""
        return f"std={self.std:g}"


class GaussianDropout(Module):
    """x (1 + √(p / (1 - p)) ε) in training, with ε standard normal for each element; x in use.

    The noise has the mean and the variance of dropout's. Raises: UsageError for p outside [0, 1).
    Source: Srivastava et al. 2014, section 10.
    """

    def __init__(self, p: float = 0.5, *, generator: Generator | None = None) -> None:
        self.p, self.generator = checks.probability("GaussianDropout", "p", p), generator

    def forward(self, x: Tensor) -> Tensor:
        """The input times noise around 1."""
        if not self.training or self.p == 0:
            return x
        x = as_tensor(x)
        return x * (1 + _normal(x, self.generator) * math.sqrt(self.p / (1 - self.p)))

    def described(self) -> str:
        """The probability of the dropout that it resembles."""
        return f"p={self.p:g}"


def _normal(x: Tensor, generator: Generator | None) -> Tensor:
    drawn: Tensor = (generator or default_generator()).normal(x.shape)
    return drawn.to(x.dtype)
