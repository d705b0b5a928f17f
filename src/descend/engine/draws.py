"""Random numbers of other distributions, made of uniform and normal ones: methods of `Generator`.

Each draw takes a number of random words that depends on its shape alone, so that it is a pure function of the seed and
the counter. Where a distribution is drawn by rejection, all rounds are drawn at once and the first that is accepted is
taken. The draws are not differentiated: a parameter that requires gradients is refused, save logits and weights of
categories.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine.dtypes import DEFAULT
from descend.engine.errors import GradientError, ShapeError, UsageError
from descend.engine.modes import no_grad
from descend.engine.ops.create import checked
from descend.engine.ops.elementwise import abs, exp, floor, log, log1p, maximum, sign, where
from descend.engine.ops.gather import searchsorted, take_along_axis, topk
from descend.engine.ops.movement import expand
from descend.engine.ops.reduce import argmax, sum
from descend.engine.tensor import Tensor, as_tensor

# Each round of the gamma's rejection accepts with probability 0.95 or more: all fail once in 10^13 draws.
_GAMMA_ROUNDS = 10
_WIDE = np.dtype(np.float64)


class Draws(ABC):
    """Distributions that follow from `uniform` and `normal`."""

    @abstractmethod
    def uniform(self, shape: Sequence[int], low: Any = 0.0, high: Any = 1.0, dtype: Any = DEFAULT) -> Tensor:
        """Uniform on [low, high)."""

    @abstractmethod
    def normal(self, shape: Sequence[int], mean: Any = 0.0, std: Any = 1.0, dtype: Any = DEFAULT) -> Tensor:
        """Normal with this mean and standard deviation."""

    @no_grad()
    def exponential(self, shape: Sequence[int], rate: float = 1.0, dtype: Any = DEFAULT) -> Tensor:
        """Density rate exp(-rate x) on x >= 0."""
        _check_positive(rate=rate)
        return log1p(-self.uniform(shape, dtype=dtype)) * (-1 / rate)

    @no_grad()
    def laplace(self, shape: Sequence[int], mean: float = 0.0, scale: float = 1.0, dtype: Any = DEFAULT) -> Tensor:
        """Density exp(-|x - mean| / scale) / (2 scale)."""
        _check_positive(scale=scale)
        u = self.uniform(shape, dtype=_WIDE) - 0.5
        return (sign(u) * log1p(-2 * abs(u)) * -scale + mean).to(dtype)

    def gumbel(self, shape: Sequence[int], dtype: Any = DEFAULT) -> Tensor:
        """Distribution function exp(-exp(-x)): adding it to logits and taking the largest draws a category."""
        return self._gumbel(shape).to(dtype)

    @no_grad()
    def _gumbel(self, shape: Sequence[int]) -> Tensor:
        return -log(-log(maximum(self.uniform(shape, dtype=_WIDE), 2.0**-54)))

    @no_grad()
    def randint(self, shape: Sequence[int], low: int, high: int) -> Tensor:
        """Whole numbers from low to high - 1, equally likely (to one part in 2^53 / (high - low)), int64."""
        if not low < high:
            raise UsageError(
                "there is no whole number to draw", given=f"low={low}, high={high}", needed="low < high",
                fix="high itself is not drawn",
            )  # fmt: skip
        return (floor(self.uniform(shape, dtype=_WIDE) * (high - low)) + low).to(np.int64)

    @no_grad()
    def gamma(self, shape: Sequence[int], alpha: Any, rate: Any = 1.0, dtype: Any = DEFAULT) -> Tensor:
        """Density proportional to x^(alpha - 1) exp(-rate x) on x > 0; alpha and rate broadcast to `shape`.

        Source: Marsaglia and Tsang 2000, "A simple method for generating gamma variables".
        """
        _check_positive(alpha=alpha, rate=rate)
        size, a, b = checked(shape), as_tensor(alpha).to(_WIDE), as_tensor(rate).to(_WIDE)
        raised = where(a < 1, a + 1, a)  # below 1 by a draw at alpha + 1 times u^(1/alpha)
        small = where(a < 1, log(1 - self.uniform(size, dtype=_WIDE)) / a, 0)
        return (self._gamma(size, expand(raised, size)) * exp(small) / b).to(dtype)

    def _gamma(self, size: tuple[int, ...], a: Tensor) -> Tensor:
        """Gamma of rate 1 for a >= 1: the first proposal of the rounds that is accepted."""
        rounds = (_GAMMA_ROUNDS, *size)
        z, u = self.normal(rounds, dtype=_WIDE), 1 - self.uniform(rounds, dtype=_WIDE)
        d = a - 1 / 3
        v = (1 + z / (9 * d) ** 0.5) ** 3
        possible = where(v > 0, v, 1)
        accepted = (v > 0) & (log(u) < 0.5 * z * z + d * (1 - possible + log(possible)))
        first = argmax(accepted, 0)
        return d * take_along_axis(possible, first[None], 0)[0]

    @no_grad()
    def beta(self, shape: Sequence[int], a: Any, b: Any, dtype: Any = DEFAULT) -> Tensor:
        """Density proportional to x^(a - 1) (1 - x)^(b - 1) on [0, 1]."""
        x, y = self.gamma(shape, a, dtype=_WIDE), self.gamma(shape, b, dtype=_WIDE)
        return (x / (x + y)).to(dtype)

    @no_grad()
    def dirichlet(self, shape: Sequence[int], alpha: Any, dtype: Any = DEFAULT) -> Tensor:
        """Points of a simplex: alpha (k,) to (*shape, k), each adding up to 1."""
        a = as_tensor(alpha)
        if a.ndim != 1 or not a.size:
            raise ShapeError(
                "a Dirichlet distribution has one weight a category", given=f"alpha {a.shape}", needed="(k,)",
                fix="give a vector of positive numbers",
            )  # fmt: skip
        x = self.gamma((*checked(shape), a.size), a, dtype=_WIDE)
        return (x / sum(x, -1, keepdims=True)).to(dtype)

    @no_grad()
    def poisson(self, shape: Sequence[int], rate: float) -> Tensor:
        """Counts with P(n) = rate^n exp(-rate) / n!, int64, by inversion of the distribution function.

        Raises: UsageError unless 0 <= rate <= 1e6: the distribution function is a table.
        """
        if not 0 <= rate <= 1e6:
            raise UsageError(
                "a rate of events is neither negative nor huge", given=f"rate={rate}", needed="0 to 1e6",
                fix="a normal with mean and variance `rate` is close to it beyond",
            )  # fmt: skip
        return searchsorted(_poisson_table(float(rate)), self.uniform(shape, dtype=_WIDE), right=True)

    @no_grad()
    def categorical(self, logits: Any, shape: Sequence[int] = ()) -> Tensor:
        """Categories with probabilities softmax(logits): logits (..., k) to (*shape, ...), int64.

        By the Gumbel-max trick. Source: Gumbel 1954; Maddison et al. 2014, arXiv:1411.0030.
        """
        scores = _scores(logits)
        return argmax(scores + self._gumbel((*checked(shape), *scores.shape)), -1)

    @no_grad()
    def multinomial(self, probabilities: Any, n: int, replacement: bool = False) -> Tensor:
        """n categories by weight, with or without putting each back: weights (..., k) to (..., n), int64.

        Raises: ShapeError for more draws than categories without replacement, UsageError for a negative weight.
        """
        weights = as_tensor(probabilities).to(_WIDE)
        _check_positive(weight=weights + 1e-300)
        logits = _scores(log(weights))
        if replacement:
            drawn = self.categorical(logits, (n,))
            return drawn.moveaxis(0, -1)
        return topk(logits + self._gumbel(logits.shape), n)[1]


def _scores(logits: Any) -> Tensor:
    scores = as_tensor(logits).to(_WIDE)
    if not scores.ndim or not scores.shape[-1]:
        raise ShapeError(
            "there is no category to draw", given=f"shape {scores.shape}", needed="(..., k) with k from 1 up",
            fix="the last axis is that of the categories",
        )  # fmt: skip
    return scores


def _check_positive(**parameters: Any) -> None:
    for name, value in parameters.items():
        number = as_tensor(value)
        if number.requires_grad:
            raise GradientError(
                "these draws are not differentiated", given=f"{name} that requires gradients", needed=f"{name} without",
                fix=f"draw with {name}.detach(); normal and uniform draws have gradients in their parameters",
            )  # fmt: skip
        if isinstance(number.value, np.ndarray) and not (number.value > 0).all():
            smallest = float(np.min(number.value))
            raise UsageError(
                f"{name} is positive", given=f"{name}={smallest}", needed=f"{name} > 0", fix="take its exp or softplus"
            )


def _poisson_table(rate: float) -> NDArray[np.float64]:
    """The distribution function at 0, 1, 2, ... as far as a float64 can tell it from 1."""
    n = np.arange(1, int(rate + 12 * math.sqrt(rate) + 40), dtype=np.float64)
    logs = np.concatenate([[0.0], np.cumsum(np.log(rate) - np.log(n))]) - rate if rate else np.zeros(1)
    table: NDArray[np.float64] = np.minimum(np.cumsum(np.exp(logs)), 1.0)
    return table
