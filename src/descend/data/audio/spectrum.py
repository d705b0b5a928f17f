"""Sound in time and frequency: frames, the short-time Fourier transform, the spectrogram."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array, whole
from descend.engine.errors import ShapeError


def frames(x: Array, size: int, hop: int) -> Array:
    """Pieces of `size` samples, each `hop` samples after the one before; what is left at the end is left out.

    x: shape (..., t). The result: shape (..., n, size), n = 1 + (t - size) // hop, a view that cannot be written to.
    Raises ShapeError where x is shorter than one frame.
    """
    whole(size, "size", 1), whole(hop, "hop", 1)
    if x.shape[-1] < size:
        raise ShapeError(
            "the sound is shorter than one frame", given=f"{x.shape[-1]} samples", needed=f"{size} or more"
        )
    return np.lib.stride_tricks.sliding_window_view(x, size, axis=-1)[..., ::hop, :]


def hann(n: int) -> NDArray[np.float32]:
    """The window (1 - cos(2π i / n)) / 2, i = 0 .. n-1: periodic, so that shifts by n/2 add up to 1."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)).astype(np.float32)


def stft(
    x: Array, n_fft: int, hop_length: int | None = None, window: Array | None = None, center: bool = True
) -> NDArray[np.complex64]:
    """The short-time Fourier transform X_fk = Σ_i w_i x_(k hop + i) exp(-2πi f i / n_fft), f = 0 .. n_fft // 2.

    hop_length: samples between two frames, by default n_fft // 4. window: shape (n_fft,), by default `hann`.
    center: frame k is centred on sample k hop_length, the sound mirrored at its ends. Bin f is at f rate / n_fft Hz.
    x: shape (..., t). The result: complex64, shape (..., n_fft // 2 + 1, frames).
    Raises ShapeError where the sound is too short. Differs: from PyTorch in the window, whose default there is ones.
    """
    if center:
        _long_enough(x, n_fft)
        x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(n_fft // 2, n_fft // 2)], mode="reflect")
    pieces = frames(x, n_fft, n_fft // 4 if hop_length is None else hop_length)
    spectrum = np.fft.rfft(pieces * (hann(n_fft) if window is None else window), axis=-1)
    return np.ascontiguousarray(np.swapaxes(spectrum, -1, -2)).astype(np.complex64)


def spectrogram(x: Array, n_fft: int, hop_length: int | None = None, power: float = 2.0) -> NDArray[np.float32]:
    """|X|^power of the `stft` X, with power 2 the energy in each band. Shape (..., n_fft // 2 + 1, frames)."""
    return (np.abs(stft(x, n_fft, hop_length)) ** np.float32(power)).astype(np.float32)


def _long_enough(x: Array, n_fft: int) -> None:
    if x.shape[-1] <= n_fft // 2:
        raise ShapeError(
            "the sound is too short to be mirrored at its ends",
            given=f"{x.shape[-1]} samples",
            needed=f"more than n_fft // 2 = {n_fft // 2}",
            fix="lower n_fft, or center=False",
        )
