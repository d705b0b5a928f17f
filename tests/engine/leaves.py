"""Tensors to differentiate by, and their gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine import Tensor

RNG = np.random.default_rng(3)


def real(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def leaf(data: Any) -> Tensor:
    return Tensor(np.array(data, np.float64), requires_grad=True)


def gradient_of(x: Tensor) -> np.ndarray:
    assert x.grad is not None
    return x.grad.numpy()


def close(found: Any, wanted: Any) -> None:
    found, wanted = (np.asarray(x.detach().numpy() if hasattr(x, "detach") else x) for x in (found, wanted))
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)
