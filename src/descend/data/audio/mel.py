"""Bands as wide as the ear hears them: the mel scale, its filters, and logarithmic mel spectrograms."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from descend.data.audio.spectrum import spectrogram
from descend.data.checks import Array
from descend.engine.errors import UsageError


def hz_to_mel(f: ArrayLike) -> NDArray[np.float64]:
    """2595 log10(1 + f / 700). Source: O'Shaughnessy 1987, "Speech communication", p. 150."""
    return 2595 * np.log10(1 + np.asarray(f, np.float64) / 700)


def mel_to_hz(m: ArrayLike) -> NDArray[np.float64]:
    """The way back: 700 (10^(m / 2595) - 1)."""
    return np.asarray(700 * (10 ** (np.asarray(m, np.float64) / 2595) - 1))


def mel_filterbank(
    n_mels: int, n_fft: int, rate: int, f_min: float = 0.0, f_max: float | None = None
) -> NDArray[np.float32]:
    """Triangles over the bins of a spectrum: filter m rises from 0 at corner m to 1 at corner m+1, falls to 0 at m+2.

    The n_mels + 2 corners are evenly spaced in mel from f_min to f_max, in Hz; f_max is by default half the rate.
    Shape (n_mels, n_fft // 2 + 1): filterbank @ spectrogram is the energy in each band.
    Raises UsageError where a band is narrower than the bins of the spectrum and so would be empty.
    """
    top = rate / 2 if f_max is None else f_max
    if not 0 <= f_min < top <= rate / 2:
        raise UsageError("the bands are out of range", given=f"{f_min} to {top} Hz", needed=f"0 to {rate / 2} Hz")
    corners = mel_to_hz(np.linspace(hz_to_mel(f_min), hz_to_mel(top), n_mels + 2))
    bins = np.arange(n_fft // 2 + 1) * rate / n_fft
    widths = np.diff(corners)
    slopes = bins - corners[:, None]
    filters = np.clip(np.minimum(slopes[:-2] / widths[:-1, None], -slopes[2:] / widths[1:, None]), 0, None)
    empty = np.flatnonzero(filters.max(axis=1) == 0)
    if len(empty):
        raise UsageError(
            f"{len(empty)} of the {n_mels} bands hold no bin of the spectrum",
            given=f"{rate} samples a second, n_fft = {n_fft}: a bin every {rate / n_fft:.0f} Hz",
            fix="raise n_fft, or lower n_mels",
        )
    return filters.astype(np.float32)


def log_mel(
    x: Array, rate: int, n_mels: int = 40, n_fft: int = 512, hop_length: int | None = None, floor: float = 1e-6
) -> NDArray[np.float32]:
    """log(max(energy, floor)) of each mel band over time. x: shape (..., t); the result: (..., n_mels, frames)."""
    energy = mel_filterbank(n_mels, n_fft, rate) @ spectrogram(x, n_fft, hop_length)
    return np.asarray(np.log(np.maximum(energy, floor)), np.float32)
