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
SIGNS = np.array([1.0, -1.0, 1.0])
LOGS = np.log(RNG.dirichlet(np.ones(5), (7, 1)))

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
    "logsigmoid": lambda f, t: f.logsigmoid(t(X)),
    "silu": lambda f, t: f.silu(t(X)),
    "pixel_shuffle": lambda f, t: f.pixel_shuffle(t(X), 2),
    "affine_grid": lambda f, t: f.affine_grid(t(P[:, :2, None] * P[:, None, 2:]), (3, 1, 4, 6), align_corners=False),
    "cosine_similarity": lambda f, t: f.cosine_similarity(t(P), t(Q), 1),
    "pairwise_distance": lambda f, t: f.pairwise_distance(t(P), t(Q), 2.0),
    "cosine_embedding_loss": lambda f, t: f.cosine_embedding_loss(t(P), t(Q), t(SIGNS), 0.1),
    "hinge_embedding_loss": lambda f, t: f.hinge_embedding_loss(t(P[:, 0]), t(SIGNS), 0.7),
    "margin_ranking_loss": lambda f, t: f.margin_ranking_loss(t(P[:, 0]), t(Q[:, 0]), t(SIGNS), 0.1),
    "multi_margin_loss": lambda f, t: f.multi_margin_loss(t(P), t(LABELS)),
    "poisson_nll_loss": lambda f, t: f.poisson_nll_loss(t(P), t(Q)),
    "gaussian_nll_loss": lambda f, t: f.gaussian_nll_loss(t(P), t(Q), t(P + Q)),
    "soft_margin_loss": lambda f, t: f.soft_margin_loss(t(P[:, 0]), t(SIGNS)),
    "triplet_margin_loss": lambda f, t: f.triplet_margin_loss(t(P), t(Q), t(P[::-1].copy()), 0.5),
    "ctc_loss": lambda f, t: f.ctc_loss(t(LOGS), t(LABELS[None, 1:]), t(np.array([7])), t(np.array([2]))),
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
