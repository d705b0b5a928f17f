from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import Tensor
from descend.optim.line_search import Look, Point, _lowest, strong_wolfe

# f and f' with f'(0) < 0. The first three: Moré and Thuente 1994, section 5, with steep and flat valleys.
FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "valley": (lambda a: -a / (a * a + 2), lambda a: (a * a - 2) / (a * a + 2) ** 2),
    "steep": (lambda a: (a + 0.04) ** 5 - 2 * (a + 0.04) ** 4, lambda a: 5 * (a + 0.04) ** 4 - 8 * (a + 0.04) ** 3),
    "parabola": (lambda a: (a - 3) ** 2, lambda a: 2 * (a - 3)),
    "waves": (lambda a: (a - 2) ** 2 + math.sin(9 * a) / 9, lambda a: 2 * (a - 2) + math.cos(9 * a)),
    "wall": (lambda a: a * a - a if a < 1 else math.nan, lambda a: 2 * a - 1 if a < 1 else math.nan),
}


def looking(name: str, seen: list[float]) -> Look:
    f, slope = FUNCTIONS[name]

    def look(a: float) -> Point:
        seen.append(a)
        return Point(a, f(a), slope(a), Tensor(0.0))

    return look


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("c2", [0.9, 0.1])
@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 10.0, 1000.0])
def test_the_point_fulfils_both_conditions(name, c2, first):
    seen: list[float] = []
    look = looking(name, seen)
    start = look(0.0)
    found = strong_wolfe(look, start, first, 1e-4, c2)
    assert found.loss <= start.loss + 1e-4 * found.a * start.slope
    assert abs(found.slope) <= c2 * abs(start.slope)
    assert len(seen) <= 40


def test_where_nothing_falls_the_start_is_returned():
    start = Point(0.0, 1.0, -1.0, Tensor(0.0))
    assert strong_wolfe(lambda a: Point(a, 1.0 + a, 1.0, Tensor(0.0)), start, 1.0) is start


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3))
def test_the_lowest_point_of_a_cubic_is_found_from_two_points(a, b, c, d):
    """p(x) = a x³ + b x² + c x + d has a minimum where p' = 0 and p'' > 0."""
    if abs(a) < 1e-2 or b * b - 3 * a * c < 1e-2:
        return
    x = (-b + math.sqrt(b * b - 3 * a * c)) / (3 * a)
    p, slope = np.polynomial.Polynomial([d, c, b, a]), np.polynomial.Polynomial([c, 2 * b, 3 * a])
    low, high = (Point(at, float(p(at)), float(slope(at)), Tensor(0.0)) for at in (x - 0.7, x + 0.4))
    assert _lowest(low, high) == pytest.approx(x, abs=1e-6)
    assert _lowest(high, low) == pytest.approx(x, abs=1e-6)
