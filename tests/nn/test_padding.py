from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend import nn
from descend.engine import Tensor, check_gradients
from descend.nn.padding import padded

NUMPY = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@given(st.sampled_from(sorted(NUMPY)), st.data(), st.integers(0, 2**32))
def test_padding_is_numpy_s(mode, data, seed):
    shape = data.draw(st.tuples(st.just(2), st.integers(2, 5), st.integers(2, 5)))
    widths = tuple(data.draw(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))) for n in shape[1:])
    x = np.random.default_rng(seed).standard_normal(shape)
    assert np.array_equal(padded(Tensor(x), widths, mode).numpy(), np.pad(x, ((0, 0), *widths), NUMPY[mode]))


@pytest.mark.parametrize("mode", NUMPY)
def test_gradients(mode):
    check_gradients(
        lambda x: padded(x, ((1, 2), (2, 0)), mode), np.random.default_rng(0).standard_normal((3, 4)), order=2
    )


def test_the_last_axis_comes_first():
    assert nn.ZeroPad2d((1, 0, 0, 2))(np.ones((1, 1, 2, 2))).shape == (1, 1, 4, 3)
    assert nn.ConstantPad1d(2, 5.0)(np.zeros((1, 3))).tolist() == [[5, 5, 0, 0, 0, 5, 5]]


def test_nothing_is_padded_by_nothing():
    x = np.ones((1, 2, 3), np.float32)
    assert nn.ReflectionPad1d(0)(x).tolist() == x.tolist()
