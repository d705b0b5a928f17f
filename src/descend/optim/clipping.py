"""Gradient clipping: a limit on the length of the gradient, or on each of its elements."""

from __future__ import annotations

from collections.abc import Iterable

from descend.engine import Cell, Tensor, no_grad, ops
from descend.optim import checks
from descend.optim.vector import gradient, norm, put_gradient


def clipped(g: Tensor, *, norm: float | None = None, value: float | None = None) -> Tensor:
    """The gradient g with its elements limited to [-value, value] first, then shortened to `norm` if it is longer.

    Shape: (size,).
    """
    if value is not None:
        g = ops.clip(g, -value, value)
    return g if norm is None else g * shrinkage(g, norm)


def shrinkage(g: Tensor, max_norm: float) -> Tensor:
    """min(1, max_norm / (|g| + 1e-6)): what a gradient is multiplied by so that it is no longer than max_norm.

    Source: Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063, Algorithm 1.
    """
    return ops.minimum(max_norm / (norm(g) + 1e-6), 1.0)


def clip_grad_norm_(parameters: Iterable[Cell], max_norm: float) -> Tensor:
    """Shorten the gradients of all parameters together to the length max_norm. Returns: their length before.

    Raises: UsageError for a limit that is not positive, GradientError if no parameter has a gradient.
    """
    cells, limit = checks.parameters(parameters), checks.positive("max_norm", max_norm)
    with no_grad():
        g = gradient(cells)
        put_gradient(g * shrinkage(g, limit), cells)
        return norm(g)


def clip_grad_value_(parameters: Iterable[Cell], clip_value: float) -> None:
    """Limit every element of the gradients to [-clip_value, clip_value].

    Raises: UsageError for a limit that is not positive, GradientError if no parameter has a gradient.
    """
    cells, limit = checks.parameters(parameters), checks.positive("clip_value", clip_value)
    with no_grad():
        put_gradient(clipped(gradient(cells), value=limit), cells)
