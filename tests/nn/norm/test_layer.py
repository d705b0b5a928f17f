from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend import nn

seeds = st.integers(0, 2**32)


@given(st.floats(0.1, 100), st.floats(-100, 100), seeds)
def test_layer_norm_does_not_see_scale_and_shift_of_an_example(scale, shift, seed):
    x = np.random.default_rng(seed).standard_normal((3, 8))
    layer = nn.LayerNorm(8, eps=0.0, elementwise_affine=False)
    y = layer(x).numpy()
    assert np.allclose(layer(scale * x + shift).numpy(), y, atol=1e-6)
    assert np.allclose(y.mean(1), 0, atol=1e-12)
    assert np.allclose(y.var(1), 1)


@given(st.floats(0.1, 100), seeds)
def test_rms_norm_does_not_see_scale(scale, seed):
    x = np.random.default_rng(seed).standard_normal((3, 8))
    layer = nn.RMSNorm(8, eps=0.0, elementwise_affine=False)
    assert np.allclose(layer(scale * x).numpy(), layer(x).numpy())
    assert np.allclose((layer(x).numpy() ** 2).mean(1), 1)


def test_examples_do_not_see_each_other():
    x = np.random.default_rng(0).standard_normal((3, 8)).astype(np.float32)
    for layer in (nn.LayerNorm(8), nn.RMSNorm(8)):
        assert np.allclose(layer(x).numpy()[1], layer(x[1]).numpy(), atol=1e-6)
