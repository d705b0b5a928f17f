from __future__ import annotations

import numpy as np
import pytest

from descend.data import ColorJitter, Draws, scale
from descend.engine.errors import DtypeError


def test_scale_is_the_nearest_float32_to_each_fraction():
    x = np.arange(256, dtype=np.uint8)
    assert scale(x).dtype == np.float32
    assert np.array_equal(scale(x), (np.arange(256) / 255).astype(np.float32))
    assert scale(x).min() == 0
    assert scale(x).max() == 1


@pytest.mark.parametrize("shape", [(0, 3), (1,), (2, 1, 3, 5)])
def test_scale_keeps_the_shape(shape):
    x = np.full(shape, 51, np.uint8)
    assert np.array_equal(scale(x), np.full(shape, 0.2, np.float32))
    assert np.array_equal(scale(x.T), scale(x).T)


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool", "int8"])
def test_scale_refuses_what_may_be_scaled_already(dtype):
    with pytest.raises(DtypeError, match=dtype):
        scale(np.zeros(3, dtype))


@pytest.mark.parametrize("dtype", ["uint8", "int64"])
def test_what_needs_scaled_pixels_says_so(dtype):
    x = np.zeros((2, 3, 4, 4), dtype)
    with pytest.raises(DtypeError, match=r"ColorJitter takes pixels in \[0, 1\]"):
        ColorJitter(0.1)(x, np.zeros(2), Draws(0, 0, np.arange(2)))
