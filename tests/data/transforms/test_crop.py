from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import Draws, RandomCrop, center_crop
from descend.engine.errors import ShapeError


def coordinates(n: int, h: int, w: int) -> np.ndarray:
    """Pictures whose pixels tell where they were: row + 1 and column + 1."""
    grid = np.stack(np.meshgrid(np.arange(1, h + 1), np.arange(1, w + 1), indexing="ij"))
    return np.broadcast_to(grid, (n, 2, h, w)).copy()


@given(st.integers(3, 9), st.integers(3, 9), st.integers(1, 3), st.integers(0, 3))
def test_a_crop_is_a_window_of_the_padded_picture(h, w, size, padding):
    made = RandomCrop(size, padding).change(coordinates(20, h, w), Draws(1, 0, np.arange(20)))
    assert made.shape == (20, 2, size, size)
    for rows, columns in made:
        inside = rows > 0
        assert (inside == (columns > 0)).all(), "both are padding, or none"
        if inside.any():
            assert (np.diff(rows, axis=0)[inside[1:] & inside[:-1]] == 1).all()
            assert (np.diff(columns, axis=1)[inside[:, 1:] & inside[:, :-1]] == 1).all()


def test_every_place_is_equally_likely():
    made = RandomCrop(4, padding=1).change(coordinates(3600, 4, 4), Draws(0, 0, np.arange(3600)))
    # The pixel in the middle tells the shift; nine shifts, 400 of each expected.
    counts = np.unique(made[:, :, 1, 1], axis=0, return_counts=True)[1]
    assert len(counts) == 9
    assert ((counts - 400) ** 2 / 400).sum() < 40


def test_the_frame_has_the_colour_that_is_asked_for():
    made = RandomCrop(6, padding=3, fill=9).change(np.zeros((50, 1, 6, 6), np.uint8), Draws(0, 0, np.arange(50)))
    assert set(np.unique(made)) == {0, 9}
    assert made.dtype == np.uint8


@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 7))
def test_the_middle_has_as_much_on_either_side(h, w, size):
    if size > min(h, w):
        with pytest.raises(ShapeError, match="does not fit"):
            center_crop(coordinates(1, h, w), size)
        return
    rows, columns = center_crop(coordinates(1, h, w), size)[0]
    for first, last, length in ((rows[0, 0], rows[-1, 0], h), (columns[0, 0], columns[0, -1], w)):
        assert 0 <= (length - last) - (first - 1) <= 1
        assert last - first == size - 1


def test_a_window_larger_than_the_picture_is_refused():
    with pytest.raises(ShapeError, match="9 x 9 pixels in 6 x 6"):
        RandomCrop(9, padding=1).change(np.zeros((1, 1, 4, 4)), Draws(0, 0, np.arange(1)))
