from __future__ import annotations

import numpy as np
import scipy.ndimage
from hypothesis import given
from hypothesis import strategies as st

from descend.data.transforms.interpolate import bilinear

rng = np.random.default_rng(0)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.floats(-2, 2))
def test_scipy_reads_the_same_between_pixels_and_outside(h, w, c, fill):
    x = rng.standard_normal((2, c, h, w))
    rows, columns = rng.uniform(-3, h + 2, (2, 4, 5)), rng.uniform(-3, w + 2, (2, 4, 5))
    made = bilinear(x, rows, columns, fill)
    assert made.shape == (2, c, 4, 5)
    for b in range(2):
        for k in range(c):
            want = scipy.ndimage.map_coordinates(
                np.pad(x[b, k], 4, constant_values=fill), [rows[b] + 4, columns[b] + 4], order=1, cval=fill
            )
            assert np.allclose(made[b, k], want, atol=1e-5)


@given(st.integers(1, 5), st.integers(1, 5))
def test_at_a_pixel_it_is_that_pixel(h, w):
    x = rng.integers(0, 256, (3, 2, h, w), np.uint8)
    rows, columns = np.broadcast_arrays(np.arange(h)[None, :, None], np.arange(w)[None, None, :])
    places = (np.broadcast_to(one, (3, h, w)) for one in (rows, columns))
    assert np.array_equal(bilinear(x, *places), x)


def test_bytes_are_rounded_to_the_nearest():
    x = np.array([0, 255], np.uint8).reshape(1, 1, 1, 2)
    columns = np.array([[[0.0, 0.25, 0.5, 0.9, 1.0]]])
    assert bilinear(x, np.zeros_like(columns), columns).ravel().tolist() == [0, 64, 128, 230, 255]


def test_a_plane_is_read_exactly():
    x = (2 * np.arange(5)[:, None] - 3 * np.arange(6) + 1.0)[None, None]
    rows, columns = rng.uniform(0, 4, (1, 7, 7)), rng.uniform(0, 5, (1, 7, 7))
    assert np.allclose(bilinear(x, rows, columns)[0, 0], 2 * rows[0] - 3 * columns[0] + 1, atol=1e-4)
