from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import Compose, Draws, each, sequences
from descend.data.audio import RandomVTLP, spectrogram, vtlp, warped
from descend.engine.errors import UsageError

alphas, rates = st.floats(0.8, 1.25), st.sampled_from([8000, 16_000])


@given(alphas, rates)
def test_frequencies_rise_from_0_to_half_the_rate(alpha, rate):
    f = np.linspace(0, rate / 2, 500)
    moved = warped(f, alpha, rate)
    assert moved[0] == 0
    assert np.isclose(moved[-1], rate / 2)
    assert (np.diff(moved) > 0).all()
    assert np.abs(np.diff(moved)).max() < 3 * rate / 2 / 499, "there is no jump at the corner"


@given(alphas, st.floats(0, 3000))
def test_low_frequencies_are_multiplied(alpha, f):
    assert np.isclose(warped(np.array(f), alpha, 16_000), alpha * f)


@given(rates, st.integers(2, 60))
def test_an_unchanged_tract_changes_nothing(rate, bins):
    spectrum = np.random.default_rng(bins).random((3, bins)).astype(np.float32)
    assert np.allclose(vtlp(spectrum, 1.0, rate), spectrum, atol=1e-5)


@pytest.mark.parametrize("alpha", [0.9, 1.1])
@pytest.mark.parametrize("f", [500, 1000, 2000])
def test_a_peak_moves_to_its_new_frequency(alpha, f):
    tone = np.sin(2 * np.pi * f * np.arange(16_000) / 16_000)
    spectrum = spectrogram(tone, 1024).T
    peak = vtlp(spectrum, alpha, 16_000)[20].argmax() * 16_000 / 1024
    assert abs(peak - alpha * f) <= 16_000 / 1024


@given(alphas)
def test_a_flat_spectrum_stays_flat(alpha):
    assert np.allclose(vtlp(np.ones((2, 65), np.float32), alpha, 8000), 1, atol=1e-5)


def test_each_recording_has_a_factor_of_its_own_that_depends_on_its_index():
    x = sequences([np.random.default_rng(0).random((4, 33)).astype(np.float32)] * 5)
    change = RandomVTLP(8000)
    made, y = change(x, np.arange(5), Draws(0, 0, np.arange(5)))
    assert y.tolist() == [0, 1, 2, 3, 4]
    assert len({item.tobytes() for item in made}) == 5
    again, _ = change(x[3:], y[3:], Draws(0, 0, np.arange(3, 5)))
    assert np.array_equal(again[0], made[3])
    alphas = Draws(0, 0, np.arange(5)).uniform(low=0.9, high=1.1)
    assert np.array_equal(made[2], vtlp(x[2], float(alphas[2]), 8000))


def test_it_goes_before_the_bands_in_a_composition():
    x = sequences([np.ones((4, 33), np.float32), np.ones((6, 33), np.float32)])
    bands = each(lambda spectrum: spectrum @ np.ones((33, 5), np.float32))
    made, _ = Compose(RandomVTLP(8000), lambda x, y: (bands(x), y))(x, np.arange(2), Draws(0, 0, np.arange(2)))
    assert [item.shape for item in made] == [(4, 5), (6, 5)]


@pytest.mark.parametrize("factors", [(0, 1), (1.2, 1.1), (1, 2)])
def test_factors_out_of_range_are_refused(factors):
    with pytest.raises(UsageError):
        RandomVTLP(8000, *factors)
