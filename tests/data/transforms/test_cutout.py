from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import Cutout, Draws


@given(st.integers(1, 12), st.integers(4, 10), st.integers(4, 10))
def test_the_hole_is_one_rectangle_no_larger_than_asked(size, h, w):
    made = Cutout(size).change(np.ones((30, 2, h, w), np.uint8), Draws(0, 0, np.arange(30)))
    assert made.dtype == np.uint8
    assert (made[:, 0] == made[:, 1]).all(), "all channels have the same hole"
    for hole in made[:, 0] == 0:
        rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
        assert 1 <= len(rows) <= size
        assert 1 <= len(columns) <= size
        assert hole.sum() == len(rows) * len(columns)
        assert rows[-1] - rows[0] == len(rows) - 1
        # Where it does not touch the edge it is whole.
        if rows[0] > 0 and rows[-1] < h - 1:
            assert len(rows) == size


def test_the_middle_may_be_anywhere_with_equal_chance():
    made = Cutout(1).change(np.ones((3600, 1, 3, 3), np.float32), Draws(0, 0, np.arange(3600)))
    counts = (made == 0).sum(axis=(0, 1)).ravel()
    assert counts.sum() == 3600
    assert ((counts - 400) ** 2 / 400).sum() < 40


@pytest.mark.parametrize("fill", [0, 7])
def test_the_hole_has_the_colour_that_is_asked_for(fill):
    made = Cutout(3, fill).change(np.full((5, 1, 6, 6), 3, np.uint8), Draws(0, 0, np.arange(5)))
    assert set(np.unique(made)) == {3, fill}
