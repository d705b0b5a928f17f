from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.data.audio import resample
from descend.engine.errors import UsageError

rates = st.sampled_from([8000, 11_025, 12_000, 16_000, 22_050, 44_100, 48_000])


def tone(f: float, rate: int, seconds: float = 0.2) -> np.ndarray:
    return np.sin(2 * np.pi * f * np.arange(int(seconds * rate)) / rate)


@given(rates, rates, st.integers(100, 3000))
@settings(max_examples=30)
def test_a_tone_below_half_of_both_rates_stays_the_same_tone(rate, new_rate, f):
    made = resample(tone(f, rate), rate, new_rate)
    assert made.dtype == np.float32
    assert len(made) == -(-int(0.2 * rate) * new_rate // rate)
    inside = slice(len(made) // 4, -len(made) // 4)
    assert np.abs(made - tone(f, new_rate, 0.3)[: len(made)])[inside].max() < 5e-3


@pytest.mark.parametrize("f", [4500, 6000, 7500])
def test_a_tone_that_would_fold_back_is_gone(f):
    made = resample(tone(f, 16_000), 16_000, 8000)
    assert np.abs(made[200:-200]).max() < 5e-3


@given(rates, rates)
def test_a_constant_stays_one(rate, new_rate):
    made = resample(np.full(2000, 0.5), rate, new_rate)
    middle = len(made) // 2
    assert abs(made[middle] - 0.5) < 1e-5


def test_channels_are_resampled_each_by_itself():
    x = np.random.default_rng(0).standard_normal((300, 2))
    both = resample(x, 8000, 11_025)
    assert np.allclose(both[:, 1], resample(x[:, 1], 8000, 11_025), atol=1e-6)


def test_long_sounds_are_made_piece_by_piece_without_a_seam():
    x = tone(440, 8000, 5)
    made = resample(x, 8000, 16_000)
    assert np.abs(np.diff(made, 2)[500:-500]).max() < 0.06


def test_scipy_makes_about_the_same():
    x = scipy.signal.lfilter([1, 0.9], [1, -0.7], np.random.default_rng(1).standard_normal(4000))
    smooth = scipy.signal.filtfilt(*scipy.signal.butter(6, 0.3), x)
    want = scipy.signal.resample_poly(smooth, 3, 2)
    assert np.abs(resample(smooth, 8000, 12_000) - want)[100:-100].max() < 0.01 * np.abs(want).max()


def test_the_same_rate_changes_nothing():
    x = np.random.default_rng(0).standard_normal(50).astype(np.float32)
    assert np.array_equal(resample(x, 8000, 8000), x)


def test_rates_are_whole_numbers_above_0():
    with pytest.raises(UsageError):
        resample(np.zeros(9), 8000, 0)
