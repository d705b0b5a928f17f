"""The functions under PyTorch's names give PyTorch's numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import UsageError, as_tensor, check_gradients, grad
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
    "conv1d": lambda f, t: f.conv1d(t(X[:, :, 0]), t(W[:, :, 0].repeat(2, 1)), t(B), 2, 1),
    "conv3d": lambda f, t: f.conv3d(t(X[None]), t(W[None, :2, :1]), stride=(1, 2, 1)),
    "conv_transpose2d": lambda f, t: f.conv_transpose2d(t(X), t(W[:4]), t(B[:4]), 2, 1, 1, groups=2),
    "max_pool1d": lambda f, t: f.max_pool1d(t(X[0]), 3, 2, 1),
    "avg_pool1d": lambda f, t: f.avg_pool1d(t(X[0]), 2),
    "adaptive_avg_pool2d": lambda f, t: f.adaptive_avg_pool2d(t(X), (3, 1)),
    "normalize": lambda f, t: f.normalize(t(X), 2.0, 1),
    "normalize of zeros": lambda f, t: f.normalize(t(X * 0), 1.0, -1),
    "glu": lambda f, t: f.glu(t(X), 1),
    "mish": lambda f, t: f.mish(t(X)),
    "selu": lambda f, t: f.selu(t(X)),
    "hardswish": lambda f, t: f.hardswish(t(X * 3)),
    "one_hot": lambda f, t: f.one_hot(t(LABELS), num_classes=6),
    "one_hot of the largest": lambda f, t: f.one_hot(t(LABELS[:, None])),
    "pad": lambda f, t: f.pad(t(X), (1, 0, 2, 3), value=0.5),
    "pad of the last axis": lambda f, t: f.pad(t(P), [1, 2]),
    "pad that cuts": lambda f, t: f.pad(t(X), (-1, 2, 0, -3)),
    "pad by reflection": lambda f, t: f.pad(t(X), (1, 3, 2, 0), mode="reflect"),
    "pad by repetition": lambda f, t: f.pad(t(X), (1, 3, 2, 0), "replicate"),
    "pad round the end": lambda f, t: f.pad(t(X), (1, 3, 2, 0), mode="circular"),
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
    ours = CALLS[name](F, as_tensor).numpy()
    assert ours.dtype == theirs.numpy().dtype
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-9, atol=1e-12)


def test_gradients_of_what_is_no_layer() -> None:
    check_gradients(lambda x: F.normalize(x, 2.0, 1), X)
    check_gradients(lambda x: F.pad(x, (-1, 2, 0, 1), value=2.0), X)
    assert grad(lambda x: F.normalize(x, axis=0).sum())(np.zeros((3, 2))).tolist() == (np.ones((3, 2)) * 1e12).tolist()


PADDINGS: list[tuple[Any, str, str]] = [
    (((0, 0), (1, 2)), "pairs", "ops.pad takes one pair an axis"),
    ((1, 2, 3), "odd", "two for each axis"),
    ((1,) * 10, "too many", "up to 4 axes"),
    ((1.0, 2), "halves", "whole numbers"),
    (1, "a number", "two for each axis"),
]


@pytest.mark.parametrize(("widths", "needed"), [(p, n) for p, _, n in PADDINGS], ids=[name for _, name, _ in PADDINGS])
def test_padding_that_cannot_be(widths: Any, needed: str) -> None:
    with pytest.raises(UsageError, match="pad") as told:
        F.pad(X, widths)
    assert needed in f"{told.value.needed} {told.value.fix}"
    with pytest.raises(UsageError, match="no such mode"):
        F.pad(X, (1, 1), mode="mirror")


def test_dropout_in_training_drops() -> None:
    dropped = F.dropout(np.ones(1000), 0.25).numpy()
    assert set(np.unique(dropped)) == {0.0, 4 / 3}
    assert 150 < (dropped == 0).sum() < 350
