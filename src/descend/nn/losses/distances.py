"""Losses of embeddings: what is alike should lie close together, and distances between rows."""

from __future__ import annotations

from typing import Any

from descend.engine import Tensor, as_tensor, ops
from descend.nn import checks
from descend.nn.losses.reduction import Loss, reduced
from descend.nn.losses.targets import alike, signs_like
from descend.nn.module import Module


def cosine_similarity(x1: Tensor, x2: Tensor, axis: int = 1, eps: float = 1e-8) -> Tensor:
    """x1·x2 / (|x1| |x2|) along `axis`, norms of at least eps. Shapes: broadcast, the axis goes. Raises: ShapeError."""
    x1, x2 = as_tensor(x1), as_tensor(x2)

    def norm(x: Tensor) -> Tensor:
        return ops.sqrt(ops.maximum(ops.sum(ops.square(x), axis), eps * eps))

    return ops.sum(x1 * x2, axis) / (norm(x1) * norm(x2))


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6) -> Tensor:
    """The p-norm of x1 - x2 + eps along the last axis. Shapes: (..., d) and (..., d) to (...). Raises: ShapeError.

    eps keeps the gradient finite where both are equal, as in PyTorch.
    """
    return ops.norm(as_tensor(x1) - x2 + eps, p, -1)


def cosine_embedding_loss(x1: Tensor, x2: Tensor, target: Any, margin: float = 0.0, reduction: str = "mean") -> Tensor:
    """1 - cos(x1, x2) where the target is 1, max(0, cos(x1, x2) - margin) where it is -1, averaged.

    Shapes: x1 and x2 (n, d) or (d,), target (n,) or ().
    Raises: ShapeError, UsageError for a target of 0.
    """
    x1, x2 = as_tensor(x1), as_tensor(x2)
    alike("cosine_embedding_loss", x1=x1, x2=x2)
    cosine = cosine_similarity(x1, x2, -1)
    target = signs_like("cosine_embedding_loss", cosine, target)
    values = ops.where(target > 0, 1 - cosine, ops.relu(cosine - margin))
    return reduced("cosine_embedding_loss", values, reduction)


def triplet_margin_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2.0,
    *, swap: bool = False, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """max(0, |anchor - positive| - |anchor - negative| + margin), averaged over rows.

    With `swap` the negative counts as near to the anchor as it is to the positive. Shapes: (n, d) each.
    Raises: ShapeError. Source: Schroff et al. 2015, arXiv:1503.03832, Eq. 3; swap: Balntas et al. 2016.
    """
    anchor, positive, negative = as_tensor(anchor), as_tensor(positive), as_tensor(negative)
    alike("triplet_margin_loss", anchor=anchor, positive=positive, negative=negative)
    near, far = pairwise_distance(anchor, positive, p), pairwise_distance(anchor, negative, p)
    if swap:
        far = ops.minimum(far, pairwise_distance(positive, negative, p))
    return reduced("triplet_margin_loss", ops.relu(near - far + margin), reduction)


class CosineSimilarity(Module):
    """`cosine_similarity` as a module."""

    def __init__(self, axis: int = 1, eps: float = 1e-8) -> None:
        self.axis, self.eps = axis, checks.positive("CosineSimilarity", "eps", eps)

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """x1·x2 / (|x1| |x2|) along the axis."""
        return cosine_similarity(x1, x2, self.axis, self.eps)

    def described(self) -> str:
        """The axis that goes."""
        return f"axis={self.axis}"


class PairwiseDistance(Module):
    """`pairwise_distance` as a module."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6) -> None:
        self.p, self.eps = checks.positive("PairwiseDistance", "p", p), checks.number("PairwiseDistance", "eps", eps)

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """The p-norm of x1 - x2."""
        return pairwise_distance(x1, x2, self.p, self.eps)

    def described(self) -> str:
        """The norm."""
        return f"p={self.p:g}"


class CosineEmbeddingLoss(Loss):
    """`cosine_embedding_loss` as a module. Raises: UsageError for a margin outside [-1, 1]."""

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = checks.between("CosineEmbeddingLoss", "margin", margin, -1, 1)

    def forward(self, x1: Tensor, x2: Tensor, target: Any) -> Tensor:
        """1 - cos for targets of 1, max(0, cos - margin) for targets of -1, averaged."""
        return cosine_embedding_loss(x1, x2, target, self.margin, self.reduction)


class TripletMarginLoss(Loss):
    """`triplet_margin_loss` as a module. Raises: UsageError unless margin and p are positive."""

    def __init__(self, margin: float = 1.0, p: float = 2.0, *, swap: bool = False, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = checks.positive("TripletMarginLoss", "margin", margin)
        self.p, self.swap = checks.positive("TripletMarginLoss", "p", p), swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """max(0, |anchor - positive| - |anchor - negative| + margin), averaged."""
        return triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, swap=self.swap, reduction=self.reduction
        )
