from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data.audio import hz_to_mel, log_mel, mel_filterbank, mel_to_hz, spectrogram
from descend.engine.errors import UsageError

SETTINGS = [(20, 512, 8000), (40, 1024, 16_000), (13, 400, 16_000)]


@given(st.floats(0, 20_000))
def test_mel_and_hertz_are_inverse(f):
    assert np.isclose(mel_to_hz(hz_to_mel(f)), f, atol=1e-6)


def test_a_thousand_hertz_are_a_thousand_mel():
    assert abs(hz_to_mel(1000) - 1000) < 0.1
    assert hz_to_mel(0) == 0


@pytest.mark.parametrize(("n_mels", "n_fft", "rate"), SETTINGS)
def test_each_filter_is_a_triangle_between_its_neighbours_tops(n_mels, n_fft, rate):
    bank = mel_filterbank(n_mels, n_fft, rate)
    assert bank.shape == (n_mels, n_fft // 2 + 1)
    corners = mel_to_hz(np.linspace(0, hz_to_mel(rate / 2), n_mels + 2))
    bins = np.arange(n_fft // 2 + 1) * rate / n_fft
    for m, row in enumerate(bank):
        want = np.interp(bins, corners[m : m + 3], [0, 1, 0], left=0, right=0)
        assert np.allclose(row, want, atol=1e-5)


@pytest.mark.parametrize(("n_mels", "n_fft", "rate"), SETTINGS)
def test_neighbouring_filters_share_every_bin_completely(n_mels, n_fft, rate):
    bank = mel_filterbank(n_mels, n_fft, rate)
    tops = mel_to_hz(np.linspace(0, hz_to_mel(rate / 2), n_mels + 2))
    bins = np.arange(n_fft // 2 + 1) * rate / n_fft
    inside = (bins >= tops[1]) & (bins <= tops[-2])
    assert np.allclose(bank.sum(axis=0)[inside], 1, atol=1e-5)


def test_bands_can_be_kept_inside_a_range():
    bank, bins = mel_filterbank(10, 512, 16_000, 300, 3000), np.arange(257) * 16_000 / 512
    assert not bank[:, (bins < 300) | (bins > 3000)].any()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [((128, 64, 8000), "hold no bin"), ((10, 512, 8000, -1), "range"), ((10, 512, 8000, 0, 5000), "range")],
)
def test_bands_that_cannot_be_are_refused(arguments, reason):
    with pytest.raises(UsageError, match=reason):
        mel_filterbank(*arguments)


def test_the_logarithm_is_of_the_energy_in_each_band():
    x = np.random.default_rng(0).standard_normal((2, 3000))
    energy = mel_filterbank(20, 256, 8000) @ spectrogram(x, 256)
    made = log_mel(x, 8000, 20, 256)
    assert made.shape == (2, 20, 1 + 3000 // 64)
    assert np.allclose(made, np.log(energy), atol=1e-5)
    assert np.allclose(log_mel(np.zeros(3000), 8000, floor=1e-3), np.log(1e-3))


def test_a_higher_tone_is_in_a_higher_band():
    time = np.arange(8000) / 8000
    bands = [log_mel(np.sin(2 * np.pi * f * time), 8000).mean(axis=1).argmax() for f in (200, 500, 1000, 2000, 3500)]
    assert bands == sorted(set(bands))
