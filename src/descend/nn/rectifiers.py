"""Activations made of pieces: the relatives of ReLU, clipped and shrunk identities."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine import Generator, ShapeError, Tensor, UsageError, as_tensor, default_generator, ops
from descend.nn import checks
from descend.nn.activations import Elementwise
from descend.nn.module import Module, Parameter
from descend.nn.precision import like


class LeakyReLU(Module):
    """x where x > 0, negative_slope x elsewhere. Source: Maas et al. 2013, "Rectifier nonlinearities"."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = checks.number("LeakyReLU", "negative_slope", negative_slope)

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        x = as_tensor(x)
        return ops.where(x > 0, x, x * self.negative_slope)

    def described(self) -> str:
        """The slope of the negative side."""
        return f"negative_slope={self.negative_slope:g}"


class PReLU(Module):
    """x where x > 0, weight x elsewhere, with one learned slope, or one a channel.

    Shapes: x (n, c, ...); weight (num_parameters,), where num_parameters is 1 or c.
    Raises: ShapeError for another number of channels.
    Source: He et al. 2015, arXiv:1502.01852, Eq. 1.
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        checks.counts("PReLU", num_parameters=num_parameters)
        self.weight = Parameter(np.full(num_parameters, checks.number("PReLU", "init", init), np.float32))

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element, with its channel's slope."""
        x = like(self.weight, x)
        n = self.weight.shape[0]
        if n > 1 and (x.ndim < 2 or x.shape[1] != n):
            raise ShapeError(
                "there is one slope a channel", given=f"input {x.shape}, {n} slopes", needed=f"(n, {n}, ...)",
                fix="PReLU() has one slope for all channels",
            )  # fmt: skip
        slope = self.weight.reshape(-1, *(1,) * (x.ndim - 2)) if n > 1 else self.weight
        return ops.where(x > 0, x, slope * x)

    def described(self) -> str:
        """The number of slopes."""
        return f"{self.weight.shape[0]}"


class RReLU(Module):
    """x where x > 0, a x elsewhere; in training each a is drawn from [lower, upper), in use it is their mean.

    Raises: UsageError for lower > upper.
    Source: Xu et al. 2015, arXiv:1505.00853.
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, *, generator: Generator | None = None) -> None:
        self.lower, self.upper = checks.number("RReLU", "lower", lower), checks.number("RReLU", "upper", upper)
        if self.lower > self.upper:
            raise UsageError(
                "RReLU draws slopes between two limits",
                given=f"lower={lower}, upper={upper}",
                needed="lower <= upper",
                fix="exchange them",
            )
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        x = as_tensor(x)
        if not self.training:
            return ops.where(x > 0, x, x * ((self.lower + self.upper) / 2))
        slopes = (self.generator or default_generator()).uniform(x.shape, self.lower, self.upper)
        return ops.where(x > 0, x, x * slopes.to(x.dtype))

    def described(self) -> str:
        """The limits of the slopes."""
        return f"lower={self.lower:g}, upper={self.upper:g}"


class ELU(Module):
    """x where x > 0, alpha (exp(x) - 1) elsewhere. Source: Clevert et al. 2015, arXiv:1511.07289, Eq. 16."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = checks.number("ELU", "alpha", alpha)

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        return _elu(x, self.alpha, 1.0)

    def described(self) -> str:
        """The limit for large negative x, with the other sign."""
        return f"alpha={self.alpha:g}"


class CELU(Module):
    """max(0, x) + min(0, alpha (exp(x / alpha) - 1)): ELU with one slope on both sides of 0.

    Raises: UsageError unless alpha > 0.
    Source: Barron 2017, arXiv:1704.07483, Eq. 2.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = checks.positive("CELU", "alpha", alpha)

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        return _elu(x, self.alpha, 1 / self.alpha)

    def described(self) -> str:
        """The limit for large negative x, with the other sign."""
        return f"alpha={self.alpha:g}"


class SELU(Elementwise):
    """scale (x where x > 0, alpha (exp(x) - 1) elsewhere): keeps mean 0 and variance 1 from layer to layer.

    Source: Klambauer et al. 2017, arXiv:1706.02515, Eq. 2, where alpha = 1.6733, scale = 1.0507.
    """

    ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805

    @staticmethod
    def function(x: Any) -> Tensor:
        """The function of each element."""
        return _elu(x, SELU.ALPHA, 1.0) * SELU.SCALE


def _elu(x: Any, alpha: float, steepness: float) -> Tensor:
    x = as_tensor(x)
    return ops.where(x > 0, x, ops.expm1(ops.minimum(x, 0) * steepness) * alpha)


def _limited(x: Tensor, low: float, high: float) -> Tensor:
    """x limited to [low, high], with the gradient 0 at the limits too, as PyTorch has it there."""
    return ops.where(x > low, ops.where(x < high, x, high), low)


class Hardtanh(Module):
    """x limited to [min_val, max_val]. Raises: UsageError unless min_val < max_val."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        name = type(self).__name__
        self.min_val, self.max_val = checks.number(name, "min_val", min_val), checks.number(name, "max_val", max_val)
        if self.min_val >= self.max_val:
            raise UsageError(
                f"{name} limits to an interval",
                given=f"min_val={min_val}, max_val={max_val}",
                needed="min_val < max_val",
                fix="exchange them",
            )

    def forward(self, x: Tensor) -> Tensor:
        """The element, or the limit beyond which it lies."""
        return _limited(as_tensor(x), self.min_val, self.max_val)

    def described(self) -> str:
        """The limits."""
        return f"min_val={self.min_val:g}, max_val={self.max_val:g}"


class ReLU6(Hardtanh):
    """min(max(x, 0), 6). Source: Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10"."""

    def __init__(self) -> None:
        super().__init__(0.0, 6.0)

    def described(self) -> str:
        """Nothing: its limits are in its name."""
        return ""


class Hardsigmoid(Elementwise):
    """min(max(x + 3, 0), 6) / 6: sigmoid in three straight pieces."""

    @staticmethod
    def function(x: Any) -> Tensor:
        """The function of each element."""
        return _limited(as_tensor(x) + 3, 0.0, 6.0) * (1 / 6)


class Hardswish(Elementwise):
    """x min(max(x + 3, 0), 6) / 6. Source: Howard et al. 2019, arXiv:1905.02244."""

    @staticmethod
    def function(x: Any) -> Tensor:
        """The function of each element."""
        return as_tensor(x) * Hardsigmoid.function(x)


class Threshold(Module):
    """x where x > threshold, value elsewhere."""

    def __init__(self, threshold: float, value: float) -> None:
        self.threshold = checks.number("Threshold", "threshold", threshold)
        self.value = checks.number("Threshold", "value", value)

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        x = as_tensor(x)
        return ops.where(x > self.threshold, x, self.value)

    def described(self) -> str:
        """The threshold, and what stands below it."""
        return f"threshold={self.threshold:g}, value={self.value:g}"


class Hardshrink(Module):
    """x where |x| > lambd, 0 elsewhere. Raises: UsageError for lambd < 0."""

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = checks.between(type(self).__name__, "lambd", lambd, 0, np.inf)

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        x = as_tensor(x)
        return ops.where(ops.abs(x) > self.lambd, x, 0)

    def described(self) -> str:
        """How far from 0 the dead zone reaches."""
        return f"lambd={self.lambd:g}"


class Softshrink(Hardshrink):
    """x moved towards 0 by lambd, at most to 0: the step of iterative soft thresholding."""

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        return ops.relu(as_tensor(x) - self.lambd) - ops.relu(-as_tensor(x) - self.lambd)
