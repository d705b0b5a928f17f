from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend import nn
from descend.engine import Tensor, UsageError
from descend.optim import Adam
from tests.nn.refusal import Mistake, check
from tests.optim.peer import agree

RULES = [
    {}, {"betas": (0.5, 0.9)}, {"betas": (0.0, 0.99)}, {"betas": (0.9, 0.5)}, {"eps": 0.1}, {"weight_decay": 0.1},
    {"betas": [0.8, 0.95], "eps": 1e-3, "weight_decay": 0.01},
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-10)])
def test_agrees_with_pytorch(rule, dtype, tolerance):
    agree(lambda p: Adam(p, 0.01, **rule), lambda p: torch.optim.Adam(p, 0.01, **rule), dtype, tolerance)


@settings(max_examples=25)
@given(st.floats(1e-4, 1), st.floats(0, 0.99), st.floats(0, 0.9999), st.floats(1e-10, 1), st.floats(0, 0.5))
def test_follows_its_formula(lr, b1, b2, eps, weight_decay):
    rng = np.random.default_rng(0)
    p, m, v = rng.standard_normal(5), np.zeros(5), np.zeros(5)
    cell = nn.Parameter(p)
    optimizer = Adam([cell], lr, (b1, b2), eps, weight_decay)
    for t, g in enumerate(rng.standard_normal((7, 5)), 1):
        cell.grad = Tensor(g)
        optimizer.step()
        g = g + weight_decay * p
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        p = p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        assert np.abs(cell.numpy() - p).max() < 1e-11


@given(st.floats(-15, 15), st.floats(1e-6, 10), st.floats(0, 0.99), st.floats(0, 0.9999))
def test_the_first_step_has_size_lr_whatever_the_scale_of_the_gradient(exponent, lr, b1, b2):
    signs = np.array([1.0, -1, 1, -1], np.float32)
    p = nn.Parameter(np.zeros(4, np.float32))
    p.grad = Tensor(signs * np.array([1, 2, 0.5, 3], np.float32) * np.float32(10.0**exponent))
    Adam([p], lr, (b1, b2), eps=0).step()
    assert np.allclose(p.numpy(), -lr * signs, rtol=2e-5, atol=0)


def test_eps_shortens_the_steps_of_tiny_gradients():
    p = nn.Parameter(np.zeros(1))
    p.grad = Tensor(np.full(1, 1e-8))
    Adam([p], 0.1, eps=1e-8).step()
    assert p.item() == pytest.approx(-0.05)


def test_the_defaults_are_those_of_the_paper():
    optimizer = Adam([nn.Parameter([1.0])])
    assert (optimizer.lr.item(), optimizer.betas, optimizer.eps) == (0.001, (0.9, 0.999), 1e-8)


@pytest.mark.parametrize(
    ("settings", "given", "needed"),
    [
        ({"betas": (1.0, 0.999)}, "betas[0]=1.0", "0 <= betas[0] < 1"),
        ({"betas": (0.9, -0.1)}, "betas[1]=-0.1", "0 <= betas[1] < 1"),
        ({"betas": (0.9, float("nan"))}, "betas[1]=nan", "0 <= betas[1] < 1"),
        ({"betas": 0.9}, "betas=0.9", "(0.9, 0.999)"),
        ({"betas": (0.9,)}, "betas=(0.9,)", "(0.9, 0.999)"),
        ({"eps": -1e-8}, "eps=-1e-08", "eps >= 0"),
        ({"weight_decay": float("inf")}, "weight_decay=inf", "weight_decay >= 0"),
    ],
)
def test_wrong_settings(settings, given, needed):
    call = lambda: Adam([nn.Parameter([1.0])], **settings)
    check(Mistake(call, UsageError, next(iter(settings)), given, needed))
