"""Sample inputs on which the test-suite checks every primitive: its shapes, values and gradients.

Lengths are primes, 1 and 0 on purpose: a transposed axis or a forgotten empty case cannot hide behind equal lengths.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Rng = np.random.Generator
Draw = Callable[[Rng, tuple[int, ...]], Array]
Sampled = Iterable[tuple[tuple[Array, ...], dict[str, Any]]]

ONE = ((7,), (1,), (3, 5), (0, 3), (2, 1, 3), ())
TWO = (((7,), (7,)), ((3, 5), (5,)), ((2, 1, 3), (1, 4, 1)), ((), (3, 1)), ((0, 3), (3,)), ((1,), (1, 1)))


def real(rng: Rng, shape: tuple[int, ...]) -> Array:
    """Standard normal."""
    return rng.standard_normal(shape)


def positive(rng: Rng, shape: tuple[int, ...]) -> Array:
    """Between 0.5 and 2.5."""
    return rng.uniform(0.5, 2.5, shape)


def away_from_zero(rng: Rng, shape: tuple[int, ...]) -> Array:
    """Of either sign, at least 0.3 from 0, where functions have kinks and poles."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 2.0, shape)


def fractions(rng: Rng, shape: tuple[int, ...]) -> Array:
    """Between -0.8 and 0.8."""
    return rng.uniform(-0.8, 0.8, shape)


def away_from_whole(rng: Rng, shape: tuple[int, ...]) -> Array:
    """Between -4 and 4, at least 0.2 from every whole number, where steps are."""
    return rng.integers(-4, 4, shape) + rng.uniform(0.2, 0.8, shape)


def not_all_finite(rng: Rng, shape: tuple[int, ...]) -> Array:
    """Numbers, infinities and NaNs."""
    return rng.choice([0.0, 1.5, -2.0, np.inf, -np.inf, np.nan], shape)


def distinct(rng: Rng, shape: tuple[int, ...]) -> Array:
    """No two elements closer than 0.1: a maximum stays where it is under a small change."""
    n = math.prod(shape)
    return (rng.permutation(n).reshape(shape) - n / 2) * 0.1 + 0.03


def whole(rng: Rng, shape: tuple[int, ...]) -> Array:
    """0, 1 or 2: two such arrays are equal in places."""
    return rng.integers(0, 3, shape).astype(np.float64)


def of_one(draw: Draw, **attributes: Any) -> Callable[[Rng], Sampled]:
    """One input, in every awkward shape."""
    return lambda rng: [((draw(rng, shape),), attributes) for shape in ONE]


def of_two(first: Draw, second: Draw) -> Callable[[Rng], Sampled]:
    """Two inputs that broadcast together, in every awkward pair of shapes."""
    return lambda rng: [((first(rng, a), second(rng, b)), {}) for a, b in TWO]


def cases(*shaped: tuple[tuple[tuple[int, ...], ...], dict[str, Any]], draw: Draw = real) -> Callable[[Rng], Sampled]:
    """Inputs of the shapes listed, each with its attributes."""
    return lambda rng: [(tuple(draw(rng, shape) for shape in shapes), attributes) for shapes, attributes in shaped]
