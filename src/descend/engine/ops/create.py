"""Tensors made from nothing but a shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from descend.engine.dtypes import DEFAULT, supported
from descend.engine.tensor import Tensor, box


def full(shape: Sequence[int], number: float, dtype: Any = DEFAULT) -> Tensor:
    """A tensor filled with one number."""
    return box(np.full(tuple(shape), number, supported(dtype)), None)


def zeros(shape: Sequence[int], dtype: Any = DEFAULT) -> Tensor:
    """A tensor of zeros."""
    return full(shape, 0, dtype)


def ones(shape: Sequence[int], dtype: Any = DEFAULT) -> Tensor:
    """A tensor of ones."""
    return full(shape, 1, dtype)


def arange(n: int, dtype: Any = np.int64) -> Tensor:
    """0, 1, ... n - 1."""
    return box(np.arange(n, dtype=supported(dtype)), None)
