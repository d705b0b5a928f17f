"""Mel-frequency cepstral coefficients: the shape of the spectrum in a few uncorrelated numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.data.audio.mel import log_mel
from descend.data.checks import Array, whole


def dct(n: int, k: int | None = None) -> NDArray[np.float32]:
    """The first k rows of the orthogonal cosine transform (DCT-II) of n numbers: D Dᵀ = I. Shape (k, n).

    D_ij = s_i cos(π i (j + 1/2) / n), s_0 = sqrt(1/n), otherwise sqrt(2/n).
    Source: Ahmed, Natarajan, Rao 1974, "Discrete cosine transform".
    """
    k = n if k is None else whole(k, "k", 1, n)
    angles = np.pi * np.arange(k)[:, None] * (np.arange(n) + 0.5) / n
    scale = np.full((k, 1), np.sqrt(2 / n))
    scale[0] = np.sqrt(1 / n)
    return (scale * np.cos(angles)).astype(np.float32)


def mfcc(
    x: Array, rate: int, n_mfcc: int = 13, n_mels: int = 40, n_fft: int = 512, hop_length: int | None = None
) -> NDArray[np.float32]:
    """The first n_mfcc cosine coefficients of each column of `log_mel`. Shape (..., n_mfcc, frames).

    Source: Davis, Mermelstein 1980, "Comparison of parametric representations for monosyllabic word recognition".
    """
    return np.asarray(dct(n_mels, n_mfcc) @ log_mel(x, rate, n_mels, n_fft, hop_length), np.float32)
