"""Every neighbourhood with the same brightness and contrast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array
from descend.data.transforms.gaussian import smoothed
from descend.data.transforms.scale import scaled


def local_contrast_normalization(x: Array, sigma: float = 2.0) -> NDArray[np.float32]:
    """Pictures less their local mean, divided by their local standard deviation.

    v = x - <x>, y = v / max(m, s), s² = <v²>, m the mean of s over the picture: < > is a Gaussian mean over places
    and channels, and m keeps noise in flat parts from being blown up. A picture of one colour becomes 0.
    x: floats, shape (n, c, h, w). sigma in pixels.
    Source: Jarrett, Kavukcuoglu, Ranzato, LeCun 2009, "What is the best multi-stage architecture for object
    recognition?", section 2. Differs: near an edge the mean is over what is there, not over zeros.
    """
    x = scaled(x, "local_contrast_normalization")
    v = x - smoothed(x.mean(axis=1, keepdims=True), sigma)
    s = np.sqrt(smoothed(np.square(v).mean(axis=1, keepdims=True), sigma))
    divisor = np.maximum(s, s.mean(axis=(2, 3), keepdims=True))
    # Rounding leaves a trace where nothing varies; it is no contrast.
    return np.where(divisor > 1e-6, v / np.maximum(divisor, 1e-6), 0).astype(np.float32)
