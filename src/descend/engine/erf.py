"""The error function and its complement, on arrays.

erf(x) = 2/sqrt(pi) * integral of exp(-t²) from 0 to x, and erfc(x) = 1 - erf(x), computed so that it keeps all its
digits where erf is nearly 1. Rational approximations on three ranges of |x|; the relative error is below 1e-15 in
float64, for erfc down to 1e-300.

Source: Cody 1969, "Rational Chebyshev approximations for the error function", Math. Comp. 23.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# Coefficients from the highest power down.
_SMALL = (
    (
        1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
        3.20937758913846947e3,
    ),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)  # fmt: skip
_MIDDLE = (
    (
        2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
        2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
        1.23033935479799725e3,
    ),
    (
        1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
        3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
    ),
)  # fmt: skip
_LARGE = (
    (
        1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
        1.60837851487422766e-2, 6.58749161529837803e-4,
    ),
    (
        1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1, 6.05183413124413191e-2,
        2.33520497626869185e-3,
    ),
)  # fmt: skip
_SMALL_END, _MIDDLE_END = 0.46875, 4.0
_PER_ROOT_PI = 1 / np.sqrt(np.pi)


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: Any) -> Any:
    above, below = coefficients
    return np.polyval(above, x) / np.polyval(below, x)


def _near(x: Any) -> Any:
    """erf(x) for small |x|."""
    return x * _ratio(_SMALL, x * x)


def _far(x: Any) -> Any:
    """erfc(x) for x beyond the small ones."""
    inverse = 1 / np.maximum(x, _SMALL_END) ** 2
    middle = _ratio(_MIDDLE, np.minimum(x, _MIDDLE_END))
    large = (_PER_ROOT_PI - inverse * _ratio(_LARGE, inverse)) / np.maximum(x, 1)
    return _gaussian(x) * np.where(x <= _MIDDLE_END, middle, large)


def _gaussian(x: Any) -> Any:
    """exp(-x²): the square is split into one without rounding and the small rest, since an exponential magnifies it."""
    coarse = np.trunc(np.minimum(x, 30.0) * 16) / 16
    return np.exp(-coarse * coarse) * np.exp(-(x - coarse) * (x + coarse))


def erf(x: Any) -> Any:
    """The error function of each element."""
    wide = np.asarray(x, np.float64)
    size = np.abs(wide)
    value = np.where(size <= _SMALL_END, _near(np.clip(wide, -1, 1)), np.copysign(1 - _far(size), wide))
    return np.where(np.isnan(wide), wide, value).astype(_kind(x))


def erfc(x: Any) -> Any:
    """1 - erf(x) of each element, without cancellation."""
    wide = np.asarray(x, np.float64)
    tail = _far(np.abs(wide))
    value = np.where(np.abs(wide) <= _SMALL_END, 1 - _near(np.clip(wide, -1, 1)), np.where(wide < 0, 2 - tail, tail))
    return np.where(np.isnan(wide), wide, value).astype(_kind(x))


def _kind(x: Any) -> Any:
    dtype = np.asarray(x).dtype
    return dtype if dtype.kind == "f" else np.float64
