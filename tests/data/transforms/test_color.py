from __future__ import annotations

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import ColorJitter, Draws, rgb_to_yuv
from descend.data.transforms.yuv import RGB_TO_YUV
from descend.engine.errors import ShapeError, UsageError

X = np.random.default_rng(0).uniform(0.3, 0.7, (40, 3, 5, 5)).astype(np.float32)
DRAWS = Draws(0, 0, np.arange(40))
U = DRAWS.uniform(4, low=-1.0, high=1.0)
strength = st.floats(0, 0.3)


def luma(x: np.ndarray) -> np.ndarray:
    return np.einsum("c,bchw->bhw", RGB_TO_YUV[0], x)


def factor(s: float, column: int) -> np.ndarray:
    return (1 + s * U[:, column])[:, None, None, None]


@given(strength)
def test_brightness_multiplies(s):
    assert np.allclose(ColorJitter(brightness=s).change(X, DRAWS), np.clip(X * factor(s, 0), 0, 1), atol=1e-5)


@given(strength)
def test_contrast_stretches_about_the_mean_luma(s):
    mean = luma(X).mean(axis=(1, 2))[:, None, None, None]
    want = mean + factor(s, 1) * (X - mean)
    assert np.allclose(ColorJitter(contrast=s).change(X, DRAWS), np.clip(want, 0, 1), atol=1e-5)


@given(strength)
def test_saturation_stretches_about_each_pixels_luma(s):
    grey = luma(X)[:, None]
    want = grey + factor(s, 2) * (X - grey)
    assert np.allclose(ColorJitter(saturation=s).change(X, DRAWS), np.clip(want, 0, 1), atol=1e-5)


@given(st.floats(0, 0.5))
def test_hue_turns_the_chroma_and_leaves_luma_and_its_amount(s):
    faint = 0.5 + 0.2 * (X - 0.5)
    before, after = rgb_to_yuv(faint), rgb_to_yuv(ColorJitter(hue=s).change(faint, DRAWS))
    assert np.allclose(before[:, 0], after[:, 0], atol=1e-5)
    turned = np.exp(2j * np.pi * s * U[:, 3])[:, None, None] * (before[:, 1] + 1j * before[:, 2])
    assert np.allclose(turned, after[:, 1] + 1j * after[:, 2], atol=1e-5)


def test_half_a_turn_of_hue_makes_the_opposite_colour():
    # Red becomes cyan, as it does in the hue of HSV.
    red = np.broadcast_to(np.array([0.6, 0.5, 0.5], np.float32)[None, :, None, None], (1, 3, 1, 1)).copy()
    steps = [ColorJitter(hue=0.5).change(red, Draws(seed, 0, np.arange(1)))[0, :, 0, 0] for seed in range(400)]
    turns = [Draws(seed, 0, np.arange(1)).uniform(4, low=-1.0, high=1.0)[0, 3] for seed in range(400)]
    opposite = steps[int(np.argmax(np.abs(turns)))]
    assert abs(colorsys.rgb_to_hsv(*map(float, opposite))[0] - 0.5) < 0.05


def test_nothing_asked_for_nothing_done():
    assert np.allclose(ColorJitter().change(X, DRAWS), X, atol=1e-6)


@given(st.floats(0, 2), st.floats(0, 2), st.floats(0, 2), st.floats(0, 0.5))
def test_colours_stay_colours(brightness, contrast, saturation, hue):
    made = ColorJitter(brightness, contrast, saturation, hue).change(X, DRAWS)
    assert made.dtype == np.float32
    assert made.min() >= 0
    assert made.max() <= 1


def test_grey_pictures_are_refused():
    with pytest.raises(ShapeError, match="1 channels"):
        ColorJitter(0.1).change(X[:, :1], DRAWS)


@pytest.mark.parametrize("strengths", [(-0.1,), (0, 0, 0, 0.6)])
def test_strengths_out_of_range_are_refused(strengths):
    with pytest.raises(UsageError):
        ColorJitter(*strengths)
