from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.studio.shown.curves import Means


def test_few_numbers_stay_what_they_are() -> None:
    curve = Means(most=10)
    for step in range(10):
        curve.add(step, step**2)
    assert curve.array().tolist() == [[step, step**2] for step in range(10)]


@given(st.integers(1, 400), st.integers(2, 12))
def test_many_become_means_of_as_many_steps_each(n: int, most: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    curve = Means(most)
    for step, value in enumerate(values):
        curve.add(step, value)
    rows = curve.array()
    assert len(rows) <= most + 1
    ends = rows[:, 0].astype(int)
    starts = [0, *(ends[:-1] + 1)]
    assert rows[:, 1] == pytest.approx([values[a : b + 1].mean() for a, b in zip(starts, ends)])
