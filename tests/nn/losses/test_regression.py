from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import Tensor, check_gradients
from descend.nn import MSELoss, gaussian_nll_loss, huber_loss, mse_loss, poisson_nll_loss, smooth_l1_loss
from tests.nn.losses.agreement import agree

F = torch.nn.functional
seeds = st.integers(0, 2**32)
scales = st.sampled_from([0.0, 1.0, 30.0, 1e4])
THREE = np.zeros((4, 3), np.float32)


@given(st.lists(st.integers(1, 5), max_size=3).map(tuple), scales, seeds)
def test_mse_loss_agrees_with_pytorch(shape, scale, seed):
    rng = np.random.default_rng(seed)
    x, target = (np.asarray(scale * rng.standard_normal(shape), np.float32) for _ in range(2))
    agree(mse_loss, F.mse_loss, x, target)
    assert MSELoss()(Tensor(x), target).item() == mse_loss(Tensor(x), target).item()


def test_both_arguments_of_mse_loss_have_gradients():
    x, y = np.random.default_rng(0).standard_normal((2, 5, 3))
    check_gradients(mse_loss, x, y, order=2)


@given(st.floats(0.1, 3), seeds)
def test_huber_is_squared_near_and_straight_far(delta, seed):
    d = 3 * np.random.default_rng(seed).standard_normal(20)
    found = huber_loss(Tensor(d), np.zeros(20), "none", delta).numpy()
    expected = np.where(np.abs(d) < delta, d * d / 2, delta * (np.abs(d) - delta / 2))
    assert np.allclose(found, expected, atol=1e-13)
    assert np.allclose(smooth_l1_loss(Tensor(d), np.zeros(20), "none", delta).numpy() * delta, expected, atol=1e-13)


def test_huber_has_its_curvature_at_the_target_too():
    check_gradients(lambda x: huber_loss(x, np.zeros(3)), np.array([0.0, 0.3, -2.0]), order=2)


def test_the_gaussian_loss_is_least_at_the_true_variance():
    d = np.random.default_rng(0).standard_normal(1000) * 1.7
    variances = [np.full(1000, d.var() * f) for f in (0.8, 1, 1.25)]
    costs = [gaussian_nll_loss(Tensor(d), np.zeros(1000), v).item() for v in variances]
    assert min(costs) == costs[1]


def test_the_poisson_loss_is_least_at_the_mean():
    counts = np.random.default_rng(0).poisson(4.0, 500).astype(float)
    rates = [counts.mean() * f for f in (0.8, 1, 1.25)]
    costs = [poisson_nll_loss(Tensor(np.full(500, rate)), counts, log_input=False).item() for rate in rates]
    assert min(costs) == costs[1]
