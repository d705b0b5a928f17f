from __future__ import annotations

import numpy as np

from descend.data import rgb_to_yuv, yuv_to_rgb

X = np.random.default_rng(0).random((5, 3, 4, 4)).astype(np.float32)


def test_there_and_back():
    assert np.allclose(yuv_to_rgb(rgb_to_yuv(X)), X, atol=1e-6)
    assert rgb_to_yuv(X).dtype == np.float32


def test_grey_has_its_value_as_luma_and_no_chroma():
    grey = np.repeat(X[:, :1], 3, axis=1)
    y, u, v = rgb_to_yuv(grey).transpose(1, 0, 2, 3)
    assert np.allclose(y, X[:, 0], atol=1e-6)
    assert np.abs(u).max() < 1e-4
    assert np.abs(v).max() < 1e-4


def test_chroma_is_blue_and_red_less_luma():
    # BT.601: U = 0.492 (B - Y), V = 0.877 (R - Y).
    y, u, v = rgb_to_yuv(X).transpose(1, 0, 2, 3)
    assert np.allclose(u, 0.492 * (X[:, 2] - y), atol=1e-3)
    assert np.allclose(v, 0.877 * (X[:, 0] - y), atol=1e-3)
