from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend import nn
from descend.engine import Generator
from tests.nn.peer import agree

X = np.linspace(-3, 3, 61)


@settings(max_examples=40)
@given(
    st.sampled_from(["LeakyReLU", "ELU", "SELU", "CELU", "Hardtanh", "ReLU6", "Hardswish", "Softshrink", "Hardshrink"]),
    st.sampled_from([0.0, 1.0, 30.0]), st.integers(0, 2**32),
)  # fmt: skip
def test_agrees_with_pytorch_at_every_scale(name, scale, seed):
    x = np.asarray(scale * np.random.default_rng(seed).standard_normal((4, 5)), np.float32)
    agree(getattr(nn, name)(), getattr(torch.nn, name)(), x, seed=seed)


@pytest.mark.parametrize("name", ["ELU", "CELU", "SELU", "LeakyReLU", "Hardswish", "Softplus", "Mish", "GELU", "SiLU"])
def test_extreme_inputs_give_no_nan(name):
    y = getattr(nn, name)()(np.array([-3e38, -1e4, 0.0, 1e4, 3e37], np.float32)).numpy()
    assert not np.isnan(y).any()
    assert y[2] == (np.float32(np.log(2)) if name == "Softplus" else 0)


def test_selu_keeps_mean_0_and_variance_1_through_many_layers():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((500, 400))
    for _ in range(12):
        x = nn.SELU()(x @ rng.standard_normal((400, 400)) / 20).numpy()
    assert abs(x.mean()) < 0.05
    assert abs(x.var() - 1) < 0.1


def test_celu_has_no_kink_and_elu_has_one():
    slopes = lambda layer: np.diff(layer(np.array([-1e-4, 0.0, 1e-4])).numpy()) / 1e-4
    assert np.allclose(slopes(nn.CELU(2.5)), 1, atol=1e-3)
    assert abs(slopes(nn.ELU(2.5))[0] - 2.5) < 1e-3


def test_random_slopes_lie_between_their_limits_and_are_another_every_time():
    layer = nn.RReLU(0.1, 0.4, generator=Generator(1))
    x = -np.ones(5000)
    y, again = layer(x).numpy(), layer(x).numpy()
    assert -0.4 <= y.min() < -0.39
    assert -0.11 < y.max() <= -0.1
    assert not np.array_equal(y, again)
    assert np.allclose(layer.eval()(x).numpy(), -0.25)


def test_one_slope_a_channel():
    layer = nn.PReLU(3)
    layer.weight.write([0.1, 0.2, 0.3])
    assert np.allclose(layer(-np.ones((2, 3, 4), np.float32)).numpy()[:, :, 0], [-0.1, -0.2, -0.3])
