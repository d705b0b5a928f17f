from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import Tensor
from descend.nn import cross_entropy, kl_div, soft_cross_entropy


@given(st.integers(1, 6), st.integers(2, 6), st.integers(0, 2**32))
def test_it_is_cross_entropy_without_entropy_and_never_negative(n, k, seed):
    rng = np.random.default_rng(seed)
    x, p = rng.standard_normal((n, k)), rng.dirichlet(np.ones(k), n)
    logq = x - np.log(np.exp(x).sum(1, keepdims=True))
    entropy = -(p * np.log(p)).sum() / n
    found = kl_div(Tensor(logq), p, "batchmean").item()
    assert abs(found - (soft_cross_entropy(Tensor(x), p).item() - entropy)) < 1e-12
    assert found >= -1e-12
    assert abs(kl_div(Tensor(logq), np.exp(logq), "batchmean").item()) < 1e-12


def test_of_a_sure_target_it_is_the_label_s_cost():
    x = np.random.default_rng(0).standard_normal((3, 4))
    logq = Tensor(x - np.log(np.exp(x).sum(1, keepdims=True)), requires_grad=True)
    loss = kl_div(logq, np.eye(4)[[1, 0, 3]], "batchmean")
    assert abs(loss.item() - cross_entropy(Tensor(x), [1, 0, 3]).item()) < 1e-12
    loss.backward()
    assert np.isfinite(logq.grad.numpy()).all()
