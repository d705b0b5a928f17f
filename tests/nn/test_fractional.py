from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend import nn
from descend.engine import manual_seed
from descend.engine.random import Generator


@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 5), st.integers(1, 5), st.integers(0, 9), st.integers(0, 2**32)
)
def test_the_same_windows_give_pytorch_s_maxima(kh, kw, oh, ow, more, seed):
    h, w = oh + kh - 1 + more, ow + kw - 1 + more // 2
    x = np.random.default_rng(seed).standard_normal((2, 3, h, w))
    layer = nn.FractionalMaxPool2d((kh, kw), (oh, ow), generator=Generator(seed))
    u = Generator(seed).uniform((2, 3, 2), dtype=np.float64).numpy()[..., ::-1].copy()  # PyTorch draws the width first
    theirs = torch.nn.FractionalMaxPool2d((kh, kw), (oh, ow), _random_samples=torch.from_numpy(u))
    assert np.array_equal(layer(x).numpy(), theirs(torch.from_numpy(x)).numpy())


@pytest.mark.parametrize(("n", "k", "m"), [(10, 2, 7), (9, 3, 3), (5, 2, 4), (7, 7, 1), (20, 1, 13)])
def test_windows_begin_at_the_beginning_and_end_at_the_end(n, k, m):
    x = np.arange(n, dtype=np.float64) * np.ones((50, 1, 2 * k, 1))
    manual_seed(0)
    last = nn.FractionalMaxPool2d((1, k), (1, m))(x).numpy()[:, 0, 0]  # where each window ends
    assert (last[:, -1] == n - 1).all()
    assert m == 1 or (last[:, 0] == k - 1).all()
    steps = np.diff(last)
    assert ((np.floor((n - k) / max(m - 1, 1)) <= steps) & (steps <= np.ceil((n - k) / max(m - 1, 1)) + 1)).all()


def test_windows_are_drawn_anew_in_training_and_stay_in_use():
    x = np.random.default_rng(0).standard_normal((2, 3, 11, 13)).astype(np.float32)
    layer = nn.FractionalMaxPool2d(2, output_ratio=(0.7, 0.6))
    assert not np.array_equal(layer(x).numpy(), layer(x).numpy())
    layer.eval()
    assert np.array_equal(layer(x).numpy(), layer(x).numpy())
    assert layer(x).shape == (2, 3, 7, 7)
    assert layer.train()(np.uint8(x > 0)).dtype == np.uint8
