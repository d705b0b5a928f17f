from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import Tensor
from descend.nn import cosine_similarity, pairwise_distance, triplet_margin_loss


@given(st.floats(0.01, 100), st.integers(0, 2**32))
def test_the_cosine_does_not_see_lengths(factor, seed):
    a, b = np.random.default_rng(seed).standard_normal((2, 4, 5))
    plain = cosine_similarity(Tensor(a), Tensor(b)).numpy()
    assert np.allclose(cosine_similarity(Tensor(factor * a), Tensor(b)).numpy(), plain, atol=1e-12)
    assert np.allclose(cosine_similarity(Tensor(a), Tensor(a)).numpy(), 1)
    assert np.all(np.abs(plain) <= 1 + 1e-12)


def test_nothing_has_a_cosine_and_a_gradient_of_0():
    x = Tensor(np.zeros((1, 3)), requires_grad=True)
    y = cosine_similarity(x, Tensor(np.ones((1, 3))))
    y.backward(np.ones(1))
    assert y.item() == 0
    assert np.isfinite(x.grad.numpy()).all()


def test_distances_are_norms_of_differences():
    a, b = np.random.default_rng(0).standard_normal((2, 4, 5))
    for p in (1, 2, 3):
        expected = np.linalg.norm(a - b, p, axis=1)
        assert np.allclose(pairwise_distance(Tensor(a), Tensor(b), p, eps=0.0).numpy(), expected)


def test_a_triplet_that_is_in_order_by_the_margin_costs_nothing():
    anchor, near, far = np.zeros((1, 2)), np.array([[1.0, 0]]), np.array([[3.0, 0]])
    costs = [triplet_margin_loss(Tensor(anchor), Tensor(near), Tensor(far), m).item() for m in (1.0, 2.0, 2.5)]
    assert np.allclose(costs, [0, 0, 0.5], atol=1e-5)
