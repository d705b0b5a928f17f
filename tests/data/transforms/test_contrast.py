from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend.data import local_contrast_normalization

rng = np.random.default_rng(0)
X = rng.random((3, 2, 20, 20)).astype(np.float32)


@given(st.floats(0.2, 5), st.floats(-1, 1))
def test_brightness_and_contrast_of_the_whole_make_no_difference(a, b):
    assert np.allclose(local_contrast_normalization(a * X + b), local_contrast_normalization(X), rtol=1e-2, atol=1e-2)


def test_contrast_that_differs_from_place_to_place_is_evened_out():
    x = X.copy()
    x[..., 10:] = 0.5 + 3 * (x[..., 10:] - 0.5)
    made = local_contrast_normalization(x)
    before = x[..., 14:].std() / x[..., :6].std()
    after = made[..., 14:].std() / made[..., :6].std()
    assert before > 2.5
    assert 1 <= after < 0.75 * before


def test_it_is_the_formula_at_one_pixel():
    sigma, x = 1.5, X[:1]
    rows = np.exp(-0.5 * ((np.arange(20) - 7) / sigma) ** 2)
    columns = np.exp(-0.5 * ((np.arange(20) - 12) / sigma) ** 2)
    weights = np.outer(rows, columns) / np.outer(rows, columns).sum()
    made = local_contrast_normalization(x, sigma)
    # v depends on the mean around every other pixel, so it is taken back from the result: y = v / max(m, s).
    v = x[0, :, 7, 12] - (weights * x[0].mean(axis=0)).sum()
    assert np.sign(made[0, :, 7, 12]).tolist() == np.sign(v).tolist()
    assert np.isclose(made[0, 0, 7, 12] / made[0, 1, 7, 12], v[0] / v[1], rtol=1e-3)


def test_a_picture_of_one_colour_becomes_0():
    flat = np.full((2, 3, 9, 9), 0.7, np.float32)
    assert not local_contrast_normalization(flat).any()


def test_noise_in_flat_parts_is_not_blown_up():
    x = np.full((1, 1, 40, 40), 0.5, np.float32)
    x[..., 20:] += rng.normal(0, 0.2, (40, 20)).astype(np.float32)
    x[..., :20] += rng.normal(0, 1e-3, (40, 20)).astype(np.float32)
    made = local_contrast_normalization(x)
    assert made[..., :12].std() < 0.05 * made[..., 28:].std()
