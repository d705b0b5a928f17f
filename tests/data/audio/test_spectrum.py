from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend.data.audio import frames, hann, spectrogram, stft
from descend.engine.errors import ShapeError, UsageError

rng = np.random.default_rng(0)


@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 20))
def test_frames_are_pieces_at_equal_distances(t, size, hop):
    x = np.arange(t)
    if t < size:
        with pytest.raises(ShapeError, match="shorter than one frame"):
            frames(x, size, hop)
        return
    made = frames(x, size, hop)
    assert made.tolist() == [list(range(i, i + size)) for i in range(0, t - size + 1, hop)]


@pytest.mark.parametrize("sizes", [(0, 1), (1, 0)])
def test_frames_without_a_length_are_refused(sizes):
    with pytest.raises(UsageError):
        frames(np.zeros(9), *sizes)


@given(st.integers(1, 40))
def test_windows_half_overlapping_add_up_to_one(half):
    assert np.allclose(hann(2 * half)[:half] + hann(2 * half)[half:], 1, atol=1e-6)
    assert np.allclose(hann(2 * half), torch.hann_window(2 * half).numpy(), atol=1e-6)


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize(("n_fft", "hop"), [(16, 4), (15, 5), (64, 64), (32, None)])
@pytest.mark.parametrize("shape", [(200,), (2, 3, 131)])
def test_the_transform_is_pytorchs(n_fft, hop, center, shape):
    x = rng.standard_normal(shape).astype(np.float32)
    flat = torch.from_numpy(x.reshape(-1, shape[-1]))
    want = torch.stft(
        flat, n_fft, hop, window=torch.hann_window(n_fft), center=center, pad_mode="reflect", return_complex=True
    ).numpy()
    made = stft(x, n_fft, hop, center=center)
    assert made.dtype == np.complex64
    assert np.allclose(made, want.reshape(made.shape), atol=2e-5)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_the_transform_is_linear(a, b):
    x, y = rng.standard_normal((2, 100))
    assert np.allclose(stft(a * x + b * y, 16), a * stft(x, 16) + b * stft(y, 16), atol=1e-4)


@given(st.integers(2, 40), st.integers(1, 6))
def test_energy_is_kept(n_fft, n):
    # Parseval: without a window and overlap, the bins hold n_fft times the energy, those between the ends twice.
    x = rng.standard_normal(n * n_fft).astype(np.float32)
    spectrum = stft(x, n_fft, n_fft, window=np.ones(n_fft, np.float32), center=False)
    weights = np.full(n_fft // 2 + 1, 2.0)
    weights[0] = 1
    if n_fft % 2 == 0:
        weights[-1] = 1
    energy = (weights[:, None] * np.abs(spectrum) ** 2).sum() / n_fft
    assert np.isclose(energy, (x**2).sum(), rtol=1e-4)


@pytest.mark.parametrize("f", [250, 1000, 3000])
def test_a_tone_stands_in_its_bin(f):
    rate, n_fft = 8000, 256
    tone = np.sin(2 * np.pi * f * np.arange(rate) / rate)
    energy = spectrogram(tone, n_fft)
    assert (energy[:, 5:-5].argmax(axis=0) == f * n_fft // rate).all()
    assert np.allclose(energy, np.abs(stft(tone, n_fft)) ** 2, rtol=1e-4)
    assert np.allclose(spectrogram(tone, n_fft, power=1.0) ** 2, energy, rtol=1e-3, atol=1e-5)


def test_a_sound_that_cannot_be_mirrored_is_refused():
    with pytest.raises(ShapeError, match="too short"):
        stft(np.zeros(8), 16)
