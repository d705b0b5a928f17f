from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import Tensor
from descend.nn import hinge_loss, multi_margin_loss, svm_loss

seeds = st.integers(0, 2**32)


def by_hand(scores, label, margin=1.0):
    """The sum over wrong classes of how much they come too close."""
    return sum(max(0.0, margin + s - scores[label]) for j, s in enumerate(scores) if j != label)


@given(st.integers(1, 6), st.integers(1, 5), st.floats(0, 2), seeds)
def test_the_svm_loss_adds_up_what_comes_too_close(n, k, margin, seed):
    rng = np.random.default_rng(seed)
    x, labels = rng.standard_normal((n, k)), rng.integers(0, k, n)
    found = svm_loss(Tensor(x), labels, margin, "none").numpy()
    assert np.allclose(found, [by_hand(row, label, margin) for row, label in zip(x, labels, strict=True)], atol=1e-14)
    assert np.allclose(multi_margin_loss(Tensor(x), labels, 1, margin, None, "none").numpy() * k, found, atol=1e-14)


def test_two_classes_make_the_binary_hinge():
    s = np.linspace(-2, 2, 9)
    both = np.stack([-s / 2, s / 2], 1)
    for label, sign in ((0, -1.0), (1, 1.0)):
        many = svm_loss(Tensor(both), np.full(9, label), reduction="none").numpy()
        assert np.allclose(many, hinge_loss(Tensor(s), np.full(9, sign), reduction="none").numpy())


def test_beyond_the_margin_nothing_pulls():
    x = Tensor(np.array([[5.0, 0.0, 3.9], [5.0, 0.0, 4.5]]), requires_grad=True)
    svm_loss(x, [0, 0], reduction="sum").backward()
    assert np.array_equal(x.grad.numpy(), [[0, 0, 0], [-1, 0, 1]])
