from __future__ import annotations

import numpy as np
import pytest
import torch

from descend import nn
from descend.engine import Tensor
from tests.nn.peer import close, give_weights

RNG = np.random.default_rng(0)
HIDDEN = np.triu(np.ones((5, 5), bool), 1)
PADDING = np.arange(5) >= np.array([[5], [3], [1]])
MASKS = {
    "none": {},
    "hidden": {"attn_mask": HIDDEN},
    "added": {"attn_mask": RNG.standard_normal((5, 5))},
    "added head by head": {"attn_mask": RNG.standard_normal((6, 5, 5))},
    "hidden head by head": {"attn_mask": np.broadcast_to(HIDDEN, (6, 5, 5)).copy()},
    "padding": {"key_padding_mask": PADDING},
    "hidden and padding": {"attn_mask": HIDDEN, "key_padding_mask": PADDING},
}
X = RNG.standard_normal((5, 3, 6))


def pair(**settings):
    ours, theirs = (
        nn.MultiheadAttention(6, 2, **settings).double(),
        torch.nn.MultiheadAttention(6, 2, **settings).double(),
    )
    give_weights(ours, theirs)
    return ours, theirs


@pytest.mark.parametrize("case", MASKS)
def test_masks_mean_what_they_mean_in_pytorch(case):
    ours, theirs = pair()
    x = torch.from_numpy(X)
    y, weights = ours(X, X, X, **MASKS[case])
    z, shares = theirs(x, x, x, **{name: torch.from_numpy(mask) for name, mask in MASKS[case].items()})
    close("output", y.numpy(), z.detach(), 1e-12)
    close("weights", weights.numpy(), shares.detach(), 1e-12)


def test_weights_of_each_head_and_none():
    ours, theirs = pair(batch_first=True)
    x = torch.from_numpy(X)
    _, shares = theirs(x, x, x, average_attn_weights=False)
    close("weights", ours(X, X, X, need_weights="heads")[1].numpy(), shares.detach(), 1e-12)
    assert ours(X, X, X, need_weights=False)[1] is None


def test_causal_is_the_mask_that_hides_later_places():
    ours, _ = pair()
    assert np.array_equal(ours(X, X, X, is_causal=True)[0].numpy(), ours(X, X, X, attn_mask=HIDDEN)[0].numpy())


def test_the_past_does_not_see_the_future():
    ours, _ = pair()
    plain = ours(X, X, X, is_causal=True)[0].numpy()
    poisoned = X.copy()
    poisoned[3:] = 1e20
    assert np.array_equal(ours(poisoned, poisoned, poisoned, is_causal=True)[0].numpy()[:3], plain[:3])


def test_padding_has_no_influence():
    ours, _ = pair()
    poisoned = np.where(PADDING.T[..., None], 1e20, X)
    plain = ours(X, X, X, key_padding_mask=PADDING)[0].numpy()
    found = ours(X, poisoned, poisoned, key_padding_mask=PADDING)[0].numpy()
    assert np.array_equal(found, plain)


@pytest.mark.parametrize("first", [False, True])
def test_one_tensor_and_three_equal_ones_give_the_same(first):
    ours, _ = pair(batch_first=first)
    x = Tensor(X)
    assert np.allclose(ours(x, x, x)[0].numpy(), ours(X, X, X)[0].numpy(), atol=1e-14)


def test_it_takes_its_masks_by_name_through_the_call():
    ours, _ = pair()
    assert ours(query=X, key=X, value=X, attn_mask=HIDDEN)[0].shape == X.shape
