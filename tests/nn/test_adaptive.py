from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend import nn

X = np.random.default_rng(0).standard_normal((2, 3, 6, 7)).astype(np.float32)


def test_one_window_is_the_whole_channel():
    assert np.allclose(nn.AdaptiveAvgPool2d(1)(X).numpy()[..., 0, 0], X.mean((2, 3)), atol=1e-6)
    for mode, expected in (("mean", X.mean((2, 3))), ("max", X.max((2, 3))), ("sum", X.sum((2, 3)))):
        assert np.allclose(nn.GlobalPool(mode)(X).numpy(), expected, atol=1e-5)


def test_windows_of_equal_size_are_those_of_plain_pooling():
    assert np.allclose(nn.AdaptiveAvgPool2d((3, 7))(X).numpy(), nn.AvgPool2d((2, 1))(X).numpy(), atol=1e-6)
    assert np.array_equal(nn.AdaptiveMaxPool2d((2, None))(X).numpy(), nn.MaxPool2d((3, 1))(X).numpy())


@given(st.integers(4, 9), st.integers(4, 9), st.sampled_from(["max", "mean"]))
def test_a_pyramid_of_any_image_has_the_same_length_and_its_levels_side_by_side(h, w, mode):
    x = np.random.default_rng(h * w).standard_normal((2, 3, h, w))
    y = nn.SpatialPyramidPool((1, 2, 4), mode)(x).numpy()
    assert y.shape == (2, 3 * (1 + 4 + 16))
    assert np.allclose(y[:, :3], x.max((2, 3)) if mode == "max" else x.mean((2, 3)))
    pool = nn.AdaptiveMaxPool2d if mode == "max" else nn.AdaptiveAvgPool2d
    assert np.allclose(y[:, 3:15], pool(2)(x).numpy().reshape(2, 12))
