from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend import nn


@given(st.integers(1, 7), st.integers(1, 6), st.integers(0, 2**32))
def test_each_channel_is_divided_by_its_neighbourhood(size, c, seed):
    x = np.random.default_rng(seed).standard_normal((2, c, 3))
    y = nn.LocalResponseNorm(size, alpha=0.7, beta=0.6, k=1.5)(x).numpy()
    for i in range(c):
        around = x[:, max(0, i - size // 2) : i + (size - 1) // 2 + 1]
        assert np.allclose(y[:, i], x[:, i] / (1.5 + 0.7 / size * (around**2).sum(1)) ** 0.6)
