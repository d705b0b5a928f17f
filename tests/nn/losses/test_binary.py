from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import Tensor, check_gradients, ops
from descend.nn import binary_cross_entropy, binary_cross_entropy_with_logits
from tests.nn.losses.agreement import agree

F = torch.nn.functional
seeds = st.integers(0, 2**32)
scales = st.sampled_from([0.0, 1.0, 30.0, 1e4])


@given(st.lists(st.integers(1, 5), max_size=3).map(tuple), scales, st.booleans(), seeds)
def test_binary_cross_entropy_agrees_with_pytorch(shape, scale, hard, seed):
    rng = np.random.default_rng(seed)
    x = np.asarray(scale * rng.standard_normal(shape), np.float32)
    target = np.asarray(rng.integers(0, 2, shape) if hard else rng.random(shape), np.float32)
    agree(binary_cross_entropy_with_logits, F.binary_cross_entropy_with_logits, x, target)


def test_binary_cross_entropy_has_the_right_slope_and_curvature_where_a_zero_network_begins():
    target = np.array([0.0, 1.0, 0.25])
    x = Tensor(np.zeros(3), requires_grad=True)
    (binary_cross_entropy_with_logits(x, target) * 3).backward()
    assert np.array_equal(x.grad.numpy(), 0.5 - target)
    check_gradients(lambda z: binary_cross_entropy_with_logits(z, target), np.zeros(3), order=2)


@given(seeds)
def test_with_probabilities_it_is_the_same_as_with_logits(seed):
    rng = np.random.default_rng(seed)
    z, target = rng.standard_normal((4, 3)), rng.random((4, 3))
    found = binary_cross_entropy(ops.sigmoid(Tensor(z)), target).item()
    assert abs(found - binary_cross_entropy_with_logits(Tensor(z), target).item()) < 1e-12


def test_a_probability_that_is_sure_and_wrong_costs_100_and_has_a_finite_gradient():
    p = Tensor(np.array([0.0, 1.0, 0.0]), requires_grad=True)
    values = binary_cross_entropy(p, np.array([1.0, 0.0, 0.0]), reduction="none")
    values.backward(np.ones(3))
    assert values.tolist() == [100, 100, 0]
    assert np.isfinite(p.grad.numpy()).all()


def test_weighing_positives_twice_is_seeing_them_twice():
    z, target = np.random.default_rng(0).standard_normal(6), np.array([1.0, 0, 1, 0, 0, 1])
    twice = np.concatenate([z, z[target == 1]]), np.concatenate([target, np.ones(3)])
    weighed = binary_cross_entropy_with_logits(Tensor(z), target, pos_weight=2.0, reduction="sum").item()
    assert abs(weighed - binary_cross_entropy_with_logits(Tensor(twice[0]), twice[1], reduction="sum").item()) < 1e-12
