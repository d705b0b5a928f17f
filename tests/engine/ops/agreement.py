"""Is an operation the same function as PyTorch's: in value, in gradient, and does its gradient check?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from descend.engine import Tensor, check_gradients, from_numpy

TOLERANCE = 1e-10


def real(*shape: int, seed: int = 0) -> np.ndarray:
    """Standard normal."""
    return np.random.default_rng(seed).standard_normal(shape)


def distinct(*shape: int, seed: int = 0) -> np.ndarray:
    """No two elements closer than 0.1."""
    n = int(np.prod(shape, dtype=int))
    return (np.random.default_rng(seed).permutation(n).reshape(shape) - n / 2) * 0.1 + 0.03


def is_real(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def same(found: Tensor, wanted: Any) -> None:
    """Equal shapes, equal values to rounding."""
    wanted = wanted.detach().numpy() if isinstance(wanted, torch.Tensor) else np.asarray(wanted)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found.numpy(), wanted, rtol=TOLERANCE, atol=TOLERANCE)


def agrees(ours: Callable[..., Tensor], theirs: Callable[..., Any], *arrays: np.ndarray, order: int = 1) -> None:
    """Values and gradients along a random cotangent are PyTorch's; the gradients are the central differences."""
    leaves = [from_numpy(x).requires_grad_(is_real(x)) for x in arrays]
    points = [torch.tensor(x, requires_grad=is_real(x)) for x in arrays]
    found, wanted = ours(*leaves), theirs(*points)
    same(found, wanted)
    if not wanted.requires_grad:
        return
    g = real(*found.shape, seed=7)
    if found.requires_grad:
        found.backward(g)
    wanted.backward(torch.tensor(g))
    for leaf, point in zip(leaves, points, strict=True):
        if point.requires_grad:
            wanted = np.zeros(point.shape) if point.grad is None else point.grad
            same(from_numpy(np.zeros(point.shape)) if leaf.grad is None else leaf.grad, wanted)
    checked(ours, *arrays, order=order)


def checked(ours: Callable[..., Tensor], *arrays: np.ndarray, order: int = 1) -> None:
    """The gradients in the floating-point inputs are the central differences."""

    def of_reals(*reals: Tensor) -> Tensor:
        given = iter(reals)
        return ours(*[next(given) if is_real(x) else from_numpy(x) for x in arrays])

    check_gradients(of_reals, *[x for x in arrays if is_real(x)], order=order)
