"""Dropout: of elements, of whole channels, and with mean and variance kept."""

from __future__ import annotations

import math

from descend.engine import Generator, ShapeError, Tensor, as_tensor, default_generator
from descend.nn import checks
from descend.nn.module import Module


class Dropout(Module):
    """In training each element is 0 with probability p and otherwise divided by 1 - p; in use nothing changes.

    Raises: UsageError for p outside [0, 1).
    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    Differs: divides in training rather than multiplying in use ("inverted dropout"): the mean is kept in both.
    """

    def __init__(self, p: float = 0.5, *, generator: Generator | None = None) -> None:
        self.p = checks.probability(type(self).__name__, "p", p)
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        """The input with a random part dropped."""
        if not self.training or self.p == 0:
            return x
        x = as_tensor(x)
        return x * (self._kept(x, x.shape) * (1 / (1 - self.p)))

    def _kept(self, x: Tensor, shape: tuple[int, ...]) -> Tensor:
        """1 with probability 1 - p, otherwise 0, in the type of x."""
        return (self.generator or default_generator()).bernoulli(shape, 1 - self.p).to(x.dtype)

    def described(self) -> str:
        """The probability."""
        return f"p={self.p:g}"


class _ChannelDropout(Dropout):
    """In training each channel of each example is 0 with probability p and otherwise divided by 1 - p."""

    axes = 4

    def forward(self, x: Tensor) -> Tensor:
        """The input with random channels dropped."""
        x = as_tensor(x)
        if x.ndim != self.axes:
            raise ShapeError(
                "whole channels are dropped", given=str(x.shape),
                needed="(n, c, ...) with {} axes".format({3: "three", 4: "four", 5: "five"}[self.axes]),
                fix="Dropout drops single elements of any input",
            )  # fmt: skip
        if not self.training or self.p == 0:
            return x
        return x * (self._kept(x, (*x.shape[:2], *(1,) * (x.ndim - 2))) * (1 / (1 - self.p)))


class Dropout1d(_ChannelDropout):
    """Dropout of whole channels of sequences (n, c, t). As `Dropout2d`."""

    axes = 3


class Dropout2d(_ChannelDropout):
    """Dropout of whole channels of images (n, c, h, w): neighbouring pixels say much the same.

    Raises: ShapeError for other inputs. Source: Tompson et al. 2014, arXiv:1411.4280, section 3.2.
    """


class Dropout3d(_ChannelDropout):
    """Dropout of whole channels of volumes (n, c, d, h, w). As `Dropout2d`."""

    axes = 5


class AlphaDropout(Dropout):
    """Dropout that keeps the mean 0 and the variance 1 of what `SELU` gives: dropped elements get its lower limit.

    y = a (kept x + (1 - kept) α') + b, with α' = -1.7581 and a, b such that both are kept.
    Source: Klambauer et al. 2017, arXiv:1706.02515, Eqs. 6 to 8.
    """

    LIMIT = -1.7580993408473766

    def forward(self, x: Tensor) -> Tensor:
        """The input with a random part at the limit, stretched and shifted."""
        if not self.training or self.p == 0:
            return x
        x, p = as_tensor(x), self.p
        kept = self._kept(x, x.shape)
        scale = 1 / math.sqrt((1 - p) * (1 + p * self.LIMIT * self.LIMIT))
        return (x * kept + (1 - kept) * self.LIMIT) * scale - scale * p * self.LIMIT
