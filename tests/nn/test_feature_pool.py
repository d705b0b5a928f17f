from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend import nn


@given(st.integers(1, 4), st.integers(1, 4), st.sampled_from([(), (3,), (2, 3)]), st.integers(0, 2**32))
def test_maxout_is_the_largest_of_neighbouring_channels(groups, size, places, seed):
    x = np.random.default_rng(seed).standard_normal((2, groups * size, *places))
    y = nn.Maxout(size)(x).numpy()
    assert np.array_equal(y, np.stack([x[:, i * size : (i + 1) * size].max(1) for i in range(groups)], 1))


def test_maxout_of_x_and_minus_x_is_the_absolute_value():
    x = np.random.default_rng(0).standard_normal((5, 3))
    both = np.stack([x, -x], 2).reshape(5, 6)
    assert np.array_equal(nn.Maxout()(both).numpy(), np.abs(x))


def test_means_and_norms_of_groups():
    x = np.random.default_rng(0).standard_normal((2, 6))
    assert np.allclose(nn.FeaturePool(3, mode="mean")(x).numpy(), x.reshape(2, 2, 3).mean(2))
    assert np.allclose(nn.FeaturePool(3, mode="l2")(x).numpy(), np.linalg.norm(x.reshape(2, 2, 3), axis=2))


def test_both_halves_of_a_crelu_give_the_input_back():
    x = np.random.default_rng(0).standard_normal((3, 4, 5))
    for axis in (0, 1, 2, -1):
        y = nn.CReLU(axis)(x).numpy()
        above, below = np.split(y, 2, axis)
        assert np.array_equal(above - below, x)
        assert (y >= 0).all()
        assert (above * below == 0).all()
