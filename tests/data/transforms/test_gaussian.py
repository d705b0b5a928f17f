from __future__ import annotations

import numpy as np
import scipy.ndimage
from hypothesis import given
from hypothesis import strategies as st

from descend.data.transforms.gaussian import smoothed, smoothing


@given(st.integers(1, 40), st.floats(0.3, 8))
def test_rows_are_means_and_the_nearest_counts_most(n, sigma):
    a = smoothing(n, sigma)
    assert np.allclose(a.sum(axis=1), 1, atol=1e-5)
    assert (a.argmax(axis=1) == np.arange(n)).all()
    assert np.allclose(a, a[::-1, ::-1], atol=1e-6), "left and right are treated alike"


@given(st.floats(0.5, 2.5))
def test_far_from_the_edge_it_is_scipys_filter(sigma):
    x = np.random.default_rng(0).standard_normal((2, 41, 41))
    want = scipy.ndimage.gaussian_filter(x, (0, sigma, sigma), truncate=6)
    assert np.allclose(smoothed(x, sigma)[:, 16:-16, 16:-16], want[:, 16:-16, 16:-16], atol=1e-4)
