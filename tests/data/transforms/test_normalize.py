from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from descend.data import Normalize

rng = np.random.default_rng(0)


@given(st.integers(2, 30), st.integers(1, 5))
def test_rows_become_scikit_learns(n, d):
    x = rng.normal(3, 5, (n, d))
    assert np.allclose(Normalize.fit(x)(x), StandardScaler().fit_transform(x), atol=1e-4)


@pytest.mark.parametrize("shape", [(20, 3, 4, 5), (20, 3, 7)])
def test_channels_have_mean_0_and_deviation_1(shape):
    x = rng.integers(0, 256, shape).astype(np.uint8)
    made = Normalize.fit(x)(x)
    axes = (0, *range(2, len(shape)))
    assert made.dtype == np.float32
    assert np.abs(made.mean(axis=axes)).max() < 1e-5
    assert np.abs(made.std(axis=axes) - 1).max() < 1e-5


def test_given_numbers_are_used_as_they_are():
    x = np.ones((2, 3, 2, 2), np.float32)
    assert Normalize([1, 0, 3], [1, 2, 4])(x)[0, :, 0, 0].tolist() == [0, 0.5, -0.5]


def test_what_never_varies_becomes_0():
    x = np.full((5, 2), 7.0)
    assert not Normalize.fit(x)(x).any()
