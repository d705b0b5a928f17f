"""Dropout."""

from __future__ import annotations

from descend.engine import Generator, Tensor, as_tensor, default_generator
from descend.nn import checks
from descend.nn.module import Module


class Dropout(Module):
    """In training each element is 0 with probability p and otherwise divided by 1 - p; in use nothing changes.

    Raises: UsageError for p outside [0, 1).
    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    Differs: divides in training rather than multiplying in use ("inverted dropout"): the mean is kept in both.
    """

    def __init__(self, p: float = 0.5, *, generator: Generator | None = None) -> None:
        self.p = checks.probability("Dropout", "p", p)
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        """The input with a random part dropped."""
        if not self.training or self.p == 0:
            return x
        x = as_tensor(x)
        kept = (self.generator or default_generator()).bernoulli(x.shape, 1 - self.p)
        return x * (kept.to(x.dtype) * (1 / (1 - self.p)))

    def described(self) -> str:
        """The probability."""
        return f"p={self.p:g}"
