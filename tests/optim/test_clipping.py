from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend import nn
from descend.engine import GradientError, Tensor, UsageError
from descend.optim import SGD, clip_grad_norm_, clip_grad_value_
from descend.optim.clipping import clipped


def pair(scale: float) -> tuple[list[nn.Parameter], list[torch.nn.Parameter]]:
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((3, 2)) * scale, rng.standard_normal(4) * scale, np.zeros(2)]
    ours, theirs = [nn.Parameter(a) for a in arrays], [torch.nn.Parameter(torch.from_numpy(a)) for a in arrays]
    for p, q, g in zip(ours, theirs, arrays[:2]):
        p.grad, q.grad = Tensor(g), torch.from_numpy(g.copy())
    return ours, theirs


@given(st.floats(1e-3, 1e3), st.floats(1e-2, 1e2))
def test_agrees_with_pytorch(scale, limit):
    for ours_of, theirs_of in (
        (clip_grad_norm_, torch.nn.utils.clip_grad_norm_),
        (clip_grad_value_, torch.nn.utils.clip_grad_value_),
    ):
        ours, theirs = pair(scale)
        before, expected = ours_of(ours, limit), theirs_of(theirs, limit)
        if before is not None:
            assert before.item() == pytest.approx(expected.item())
        for p, q in zip(ours[:2], theirs):
            assert np.allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-12)
        assert ours[2].grad is None


@given(st.floats(1e-3, 1e3), st.floats(1e-2, 1e2))
def test_the_direction_is_kept_and_the_length_limited(scale, limit):
    g = Tensor(np.random.default_rng(1).standard_normal(9) * scale)
    short = clipped(g, norm=limit).numpy()
    length = np.linalg.norm(g.numpy())
    assert np.linalg.norm(short) <= limit
    assert np.allclose(short / np.linalg.norm(short), g.numpy() / length)
    assert np.linalg.norm(short) == pytest.approx(min(length, limit), rel=1e-3)


def test_an_optimiser_clips_before_weight_decay():
    p, g = nn.Parameter([10.0, 0.0]), Tensor([30.0, 40.0])
    p.grad = g
    SGD([p], 1.0, weight_decay=0.1).clip(norm=5.0).step()
    assert np.allclose(p.numpy(), [10 - 3 - 1, -4])
    assert np.array_equal(p.grad.numpy(), g.numpy())


def test_values_are_limited_before_the_norm():
    assert np.allclose(clipped(Tensor([3.0, 400.0]), value=4.0, norm=1.0).numpy(), [0.6, 0.8])


def test_wrong_calls():
    p = nn.Parameter([1.0])
    with pytest.raises(UsageError, match="max_norm"):
        clip_grad_norm_([p], 0)
    with pytest.raises(UsageError, match="clip_value"):
        clip_grad_value_([p], -1)
    with pytest.raises(GradientError, match="no parameter has a gradient"):
        clip_grad_norm_([p], 1)
