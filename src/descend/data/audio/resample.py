"""The same sound with another number of samples a second."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array, whole

_ZEROS = 32  # zero crossings of the sinc on either side
_ROLLOFF = 0.95  # the cut-off, as part of the lower half rate: room for the edge of the filter
_CHUNK = 1 << 14  # samples made at once


def resample(x: Array, rate: int, new_rate: int) -> NDArray[np.float32]:
    """The sound at `new_rate` samples a second: y_j = Σ_i x_i h(j rate / new_rate - i).

    h is a sinc under a Hann window, cut off just below half of the lower rate, so that nothing folds back.
    With new_rate / rate = L / M in lowest terms, y_j uses the j M mod L-th of L filters: they are made once.
    x: shape (t,) or (t, channels); the result: float32, ceil(t L / M) samples.
    Source: Smith 1984, "A flexible sampling-rate conversion method".
    """
    divisor = math.gcd(whole(rate, "rate", 1), whole(new_rate, "new_rate", 1))
    up, down = new_rate // divisor, rate // divisor
    if up == down:
        return np.asarray(x, np.float32)
    filters = _filters(up, down)
    half = filters.shape[1] // 2
    padded = np.pad(x.astype(np.float32), [(half - 1, half)] + [(0, 0)] * (x.ndim - 1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half, axis=0)
    n = -(-len(x) * up // down)
    places = (np.arange(i, min(i + _CHUNK, n)) for i in range(0, n, _CHUNK))
    made = [np.einsum("j...w,jw->j...", windows[j * down // up], filters[j * down % up]) for j in places]
    return np.concatenate(made)


def _filters(up: int, down: int) -> NDArray[np.float32]:
    """Row p: the weights of the samples around the place p / up behind a sample. Shape (up, 2 half)."""
    cutoff = _ROLLOFF * min(1, up / down)
    half = math.ceil(_ZEROS / cutoff)
    distance = np.arange(up)[:, None] / up - np.arange(1 - half, half + 1)
    window = np.cos(np.pi / 2 * np.clip(distance / half, -1, 1)) ** 2
    return np.asarray(cutoff * np.sinc(cutoff * distance) * window, np.float32)
