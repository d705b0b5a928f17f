"""Mean 0 and variance 1 along some axes: what the norms that know no batch have in common."""

from __future__ import annotations

from descend.engine import Tensor, ops


def standardized(x: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
    """(x - mean) / sqrt(variance + eps), both over `axes`; the variance divides by n."""
    centred = x - x.mean(axes, keepdims=True)
    return centred / ops.sqrt((centred * centred).mean(axes, keepdims=True) + eps)
