from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend import nn


@given(st.floats(-3, 3), st.integers(0, 2**32))
def test_it_is_linear_in_each_input(factor, seed):
    rng = np.random.default_rng(seed)
    layer = nn.Bilinear(3, 4, 5, bias=False).double()
    a, b, y = rng.standard_normal((2, 3)), rng.standard_normal((2, 3)), rng.standard_normal((2, 4))
    whole = layer(factor * a + b, y).numpy()
    assert np.allclose(whole, factor * layer(a, y).numpy() + layer(b, y).numpy(), atol=1e-12)


def test_an_outer_product_s_weight_picks_its_entry():
    layer = nn.Bilinear(2, 3, 1, bias=False)
    weight = np.zeros((1, 2, 3))
    weight[0, 1, 2] = 1
    layer.weight.write(weight)
    assert layer(np.array([5, 7], np.float32), np.array([1, 2, 3], np.float32)).tolist() == [21.0]
