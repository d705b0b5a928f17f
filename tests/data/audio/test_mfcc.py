from __future__ import annotations

import numpy as np
import pytest
import scipy.fft
from hypothesis import given
from hypothesis import strategies as st

from descend.data.audio import dct, log_mel, mfcc
from descend.engine.errors import UsageError


@given(st.integers(1, 50))
def test_the_cosines_are_an_orthonormal_basis(n):
    assert np.allclose(dct(n) @ dct(n).T, np.eye(n), atol=1e-5)


@given(st.integers(2, 30), st.data())
def test_the_transform_is_scipys(n, draw):
    k = draw.draw(st.integers(1, n))
    x = np.random.default_rng(n).standard_normal(n)
    assert np.allclose(dct(n, k) @ x, scipy.fft.dct(x, norm="ortho")[:k], atol=1e-5)


def test_more_cosines_than_numbers_are_refused():
    with pytest.raises(UsageError):
        dct(5, 6)


def test_coefficients_are_the_transform_of_the_log_bands():
    x = np.random.default_rng(0).standard_normal((2, 4000))
    want = scipy.fft.dct(log_mel(x, 8000), axis=-2, norm="ortho")[:, :13]
    assert np.allclose(mfcc(x, 8000), want, atol=1e-4)


def test_loudness_moves_the_first_coefficient_alone():
    x = np.random.default_rng(0).standard_normal(4000)
    difference = mfcc(3 * x, 8000) - mfcc(x, 8000)
    assert np.allclose(difference[0], np.sqrt(40) * np.log(9), atol=1e-3)
    assert np.abs(difference[1:]).max() < 1e-3
