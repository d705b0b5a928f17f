from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend import nn


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_shuffling_pixels_there_and_back(r, c, h, w):
    x = np.random.default_rng(0).standard_normal((2, c * r * r, h, w))
    y = nn.PixelShuffle(r)(x)
    assert y.shape == (2, c, h * r, w * r)
    assert np.array_equal(nn.PixelUnshuffle(r)(y).numpy(), x)


@given(st.integers(1, 4), st.integers(1, 4))
def test_dealing_channels_twice_with_the_other_number_undoes_it(a, b):
    x = np.random.default_rng(0).standard_normal((2, a * b, 3))
    assert np.array_equal(nn.ChannelShuffle(b)(nn.ChannelShuffle(a)(x)).numpy(), x)


def test_the_nearest_pixel_twice_is_every_pixel_twice():
    x = np.arange(6.0).reshape(1, 1, 2, 3)
    assert np.array_equal(nn.Upsample(scale_factor=2)(x).numpy(), x.repeat(2, 2).repeat(2, 3))


def test_a_plane_stays_a_plane():
    x = (np.arange(4.0)[:, None] + 3 * np.arange(5.0))[None, None]
    y = nn.Upsample((7, 9), mode="bilinear", align_corners=True)(x).numpy()[0, 0]
    assert np.allclose(y, np.linspace(0, 3, 7)[:, None] + 3 * np.linspace(0, 4, 9))
