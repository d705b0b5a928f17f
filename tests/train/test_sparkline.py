from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from descend.train.sparkline import ASCII_BARS, BARS, sparkline

VALUES = st.lists(st.floats(-1e6, 1e6), max_size=200)


@given(VALUES, st.integers(0, 80))
def test_it_is_as_wide_as_asked_for_or_as_there_are_values(values: list[float], width: int) -> None:
    line = sparkline(values, width)
    assert len(line) == min(len(values), width)
    assert set(line) <= set(BARS)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=80, unique=True))
def test_bars_are_ordered_as_the_values_are(values: list[float]) -> None:
    line = sparkline(values, 80)
    assert line[values.index(min(values))] == BARS[0]
    assert line[values.index(max(values))] == BARS[-1]
    for a, b, bar_a, bar_b in zip(values, values[1:], line, line[1:]):
        assert (a <= b) <= (bar_a <= bar_b)


def test_by_hand() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == BARS
    assert sparkline(range(16), 16) == "".join(bar * 2 for bar in BARS)
    assert sparkline([0, 2, 4, 6], 2) == BARS[0] + BARS[-1]
    assert sparkline([5.0] * 4, 3) == BARS[0] * 3
    assert sparkline([0, 7], 9, ASCII_BARS) == "_#"


def test_values_that_are_not_finite_leave_a_gap() -> None:
    assert sparkline([0.0, math.nan, 1.0], 3) == BARS[0] + " " + BARS[-1]
    assert sparkline([0.0, math.inf, 1.0, 1.0], 2) == BARS[0] + BARS[-1]
    assert sparkline([math.nan], 3) == " "
