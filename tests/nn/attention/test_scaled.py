from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend import nn
from descend.engine import Tensor, check_gradients
from tests.nn.peer import close

F = torch.nn.functional


@given(
    st.integers(1, 4), st.integers(1, 4), st.sampled_from(["none", "bools", "numbers", "causal"]), st.integers(0, 2**32)
)
def test_agrees_with_pytorch(t, s, mask, seed):
    rng = np.random.default_rng(seed)
    q, k, v = rng.standard_normal((2, 3, t, 5)), rng.standard_normal((2, 3, s, 5)), rng.standard_normal((2, 3, s, 4))
    seen = rng.random((t, s)) < 0.6
    seen[:, 0] = True
    masks = {"none": None, "bools": seen, "numbers": rng.standard_normal((3, t, s)), "causal": None}
    theirs = None if masks[mask] is None else torch.from_numpy(masks[mask])
    expected = F.scaled_dot_product_attention(*map(torch.from_numpy, (q, k, v)), theirs, is_causal=mask == "causal")
    found = nn.scaled_dot_product_attention(q, k, v, masks[mask], is_causal=mask == "causal")
    close("attention", found.numpy(), expected, 1e-12)


def test_each_result_is_a_mean_of_values():
    rng = np.random.default_rng(0)
    q, k = rng.standard_normal((4, 3)), rng.standard_normal((5, 3))
    assert np.allclose(nn.scaled_dot_product_attention(q, k, np.ones((5, 2))).numpy(), 1)


def test_the_order_of_the_keys_does_not_matter():
    rng = np.random.default_rng(0)
    q, k, v, order = (
        rng.standard_normal((4, 3)),
        rng.standard_normal((5, 3)),
        rng.standard_normal((5, 2)),
        [3, 0, 4, 1, 2],
    )
    plain = nn.scaled_dot_product_attention(q, k, v).numpy()
    assert np.allclose(nn.scaled_dot_product_attention(q, k[order], v[order]).numpy(), plain)


@pytest.mark.parametrize("poison", [7.0, -1e30, 1e30])
def test_causal_attention_does_not_see_the_future(poison):
    x = np.random.default_rng(0).standard_normal((6, 3))
    plain = nn.scaled_dot_product_attention(x, x, x, is_causal=True).numpy()
    for cut in range(1, 6):
        poisoned = x.copy()
        poisoned[cut:] = poison
        found = nn.scaled_dot_product_attention(x, poisoned, poisoned, is_causal=True).numpy()
        assert np.array_equal(found[:cut], plain[:cut])


def test_a_query_that_may_see_nothing_gets_nothing():
    x = Tensor(np.random.default_rng(0).standard_normal((2, 3)), requires_grad=True)
    y = nn.scaled_dot_product_attention(x, x, x, np.array([[True, False], [False, False]]))
    y.backward(np.ones((2, 3)))
    assert np.allclose(y.numpy(), [x.numpy()[0], np.zeros(3)])
    assert np.isfinite(x.grad.numpy()).all()


def test_gradients_of_first_and_second_order():
    q, k, v = (np.random.default_rng(i).standard_normal((3, 2)) for i in range(3))
    check_gradients(lambda *x: nn.scaled_dot_product_attention(*x, is_causal=True), q, k, v, order=2)


def test_dropped_weights_are_replaced_by_larger_ones_on_average():
    q, v = np.zeros((2000, 1, 2)), np.ones((2000, 8, 1))
    y = nn.scaled_dot_product_attention(q, np.zeros((2000, 8, 2)), v, dropout_p=0.5).numpy()
    assert abs(y.mean() - 1) < 0.05
    assert y.std() > 0.2
