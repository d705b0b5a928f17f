"""The matrices of short convolutions with few products.

A polynomial is known by its values at as many points as it has coefficients, and where two are multiplied their values
are multiplied. So m numbers of a correlation with r weights take m + r - 1 products instead of m r:

    y = output @ ((kernel @ w) * (input @ x))        x: m + r - 1 numbers, w: r, y: m

and in two dimensions, with each matrix applied from both sides, (m + r - 1)^2 instead of m^2 r^2. The points are small
numbers and their inverses, so that little is lost to rounding; the last point is infinity, where a polynomial's value
is its leading coefficient.

Source: Winograd 1980, "Arithmetic Complexity of Computations"; Lavin and Gray 2015, arXiv:1509.09308.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

POINTS = (0.0, 1.0, -1.0, 0.5, -2.0, 2.0, -0.5)  # the first five: a third of the error of 0, 1, -1, 2, -2


@dataclass(frozen=True, eq=False)
class Transforms:
    """What is done to inputs, to weights, and to products."""

    input: Matrix
    kernel: Matrix
    output: Matrix


@cache
def transforms(m: int, r: int) -> Transforms:
    """The matrices for m numbers of a correlation with r weights, m + r - 1 from 2 to 8."""
    points = POINTS[: m + r - 2]
    others = [[q for q in points if q != p] for p in points]
    scale = [math.prod(p - q for q in rest) for p, rest in zip(points, others, strict=True)]
    # Row by row the polynomials that are zero at all points but one: Lagrange's, times a number that makes them whole.
    rows = [np.poly(rest)[::-1] for rest in (*others, points)]
    inputs = np.array([[*row, *[0.0] * (m + r - 1 - len(row))] for row in rows])
    return Transforms(inputs, _powers(points, r) / np.array([*scale, 1.0])[:, None], _powers(points, m).T)


def _powers(points: tuple[float, ...], n: int) -> Any:
    """Values of a polynomial of n coefficients at the points and at infinity, as a matrix."""
    return np.array([*[[p**j for j in range(n)] for p in points], [0.0] * (n - 1) + [1.0]])
