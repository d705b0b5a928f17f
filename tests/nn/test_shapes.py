from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend import nn

shapes = st.lists(st.integers(1, 4), min_size=2, max_size=5).map(tuple)


@given(shapes, st.data())
def test_flattening_any_axes_agrees_with_pytorch_and_unflattening_undoes_it(shape, data):
    start = data.draw(st.integers(0, len(shape) - 1))
    end = data.draw(st.integers(start, len(shape) - 1))
    x = np.random.default_rng(0).standard_normal(shape)
    flat = nn.Flatten(start, end - len(shape))(x)
    assert np.array_equal(flat.numpy(), torch.from_numpy(x).flatten(start, end).numpy())
    assert np.array_equal(nn.Unflatten(start, shape[start : end + 1])(flat).numpy(), x)


def test_identity_takes_any_settings_and_gives_back_what_it_got():
    layer, x = nn.Identity(54, unused=True), object()
    assert layer(x) is x
