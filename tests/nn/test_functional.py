"""The functions under PyTorch's names give PyTorch's numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import as_tensor
from descend.nn import functional as F

RNG = np.random.default_rng(0)
X, W, B = RNG.standard_normal((2, 4, 7, 5)), RNG.standard_normal((6, 2, 3, 3)), RNG.standard_normal(6)
P, Q = RNG.uniform(0.1, 0.9, (3, 5)), RNG.uniform(0.1, 0.9, (3, 5))
LABELS = np.array([0, 4, 2])

CALLS: dict[str, Callable[[Any, Callable[[Any], Any]], Any]] = {
    "conv2d": lambda f, t: f.conv2d(t(X), t(W), t(B), stride=2, padding=(1, 0), groups=2),
    "conv2d without bias": lambda f, t: f.conv2d(t(X), t(W), dilation=2, padding="same", groups=2),
    "max_pool2d": lambda f, t: f.max_pool2d(t(X), 3, 2, 1),
    "avg_pool2d": lambda f, t: f.avg_pool2d(t(X), (2, 3)),
    "linear": lambda f, t: f.linear(t(P), t(Q), t(LABELS * 0.5)),
    "linear without bias": lambda f, t: f.linear(t(P), t(Q)),
    "embedding": lambda f, t: f.embedding(t(LABELS), t(W[:, 0, 0])),
    "leaky_relu": lambda f, t: f.leaky_relu(t(X), 0.2),
    "elu": lambda f, t: f.elu(t(X), 0.7),
    "gelu": lambda f, t: f.gelu(t(X)),
    "softplus": lambda f, t: f.softplus(t(X)),
    "softmax": lambda f, t: f.softmax(t(X), -1),
    "log_softmax": lambda f, t: f.log_softmax(t(P), -1),
    "cross_entropy": lambda f, t: f.cross_entropy(t(P), t(LABELS), label_smoothing=0.1),
    "binary_cross_entropy": lambda f, t: f.binary_cross_entropy(t(P), t(Q)),
    "huber_loss": lambda f, t: f.huber_loss(t(P), t(Q), delta=0.2),
    "nll_loss": lambda f, t: f.nll_loss(t(np.log(P)), t(LABELS)),
    "dropout in evaluation": lambda f, t: f.dropout(t(X), 0.9, training=False),
}


@pytest.mark.parametrize("name", CALLS)
def test_agrees_with_pytorch(name: str) -> None:
    theirs = CALLS[name](torch.nn.functional, torch.from_numpy)
    np.testing.assert_allclose(CALLS[name](F, as_tensor).numpy(), theirs.numpy(), rtol=1e-9, atol=1e-12)


def test_dropout_in_training_drops() -> None:
    dropped = F.dropout(np.ones(1000), 0.25).numpy()
    assert set(np.unique(dropped)) == {0.0, 4 / 3}
    assert 150 < (dropped == 0).sum() < 350
