"""Tensors made from nothing but a shape."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from descend.engine.dtypes import DEFAULT, supported
from descend.engine.errors import ShapeError, UsageError
from descend.engine.tensor import Tensor, as_tensor, box


def checked(shape: Any) -> tuple[int, ...]:
    """`shape` as a tuple. Raises: ShapeError unless it is a sequence of lengths."""
    try:
        lengths = tuple(operator.index(n) for n in shape)
    except TypeError:
        lengths = (-1,)
    if any(n < 0 for n in lengths):
        raise ShapeError(
            "a shape is a sequence of lengths", given=repr(shape), needed="whole numbers from 0 up, like (2, 3)",
            fix="write (3,) for a vector of 3",
        )  # fmt: skip
    return lengths


def full(shape: Sequence[int], number: float, dtype: Any = DEFAULT) -> Tensor:
    """A tensor filled with one number."""
    return box(np.full(checked(shape), number, supported(dtype)), None)


def zeros(shape: Sequence[int], dtype: Any = DEFAULT) -> Tensor:
    """A tensor of zeros."""
    return full(shape, 0, dtype)


def ones(shape: Sequence[int], dtype: Any = DEFAULT) -> Tensor:
    """A tensor of ones."""
    return full(shape, 1, dtype)


def arange(start: float, stop: float | None = None, step: float = 1, dtype: Any = None) -> Tensor:
    """start, start + step, ... as far as they are before `stop`; of one number: 0, 1, ... before it.

    int64, or float32 if one of the numbers is no integer. Raises: UsageError for a step of 0.
    """
    first, last = (0, start) if stop is None else (start, stop)
    if step == 0:
        raise UsageError("arange steps from one number to another", given="step=0", needed="another step", fix="step=1")
    usual = DEFAULT if any(isinstance(number, float) for number in (first, last, step)) else np.int64
    return box(np.arange(first, last, step).astype(supported(usual if dtype is None else dtype)), None)


def zeros_like(x: Any) -> Tensor:
    """Zeros of the shape and type of x."""
    tensor = as_tensor(x)
    return full(tensor.shape, 0, tensor.dtype)


def ones_like(x: Any) -> Tensor:
    """Ones of the shape and type of x."""
    tensor = as_tensor(x)
    return full(tensor.shape, 1, tensor.dtype)


def linspace(start: float, stop: float, n: int, dtype: Any = DEFAULT) -> Tensor:
    """n numbers from `start` to `stop`, both included, at equal distances."""
    (count,) = checked((n,))
    return box(np.linspace(start, stop, count, dtype=supported(dtype)), None)
