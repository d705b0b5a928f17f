"""Which floating-point type a network computes in: changing it, and refusing input of another."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine import Cell, DtypeError, Tensor, as_tensor
from descend.engine.dtypes import FLOATING, supported
from descend.engine.tensor import Constant


def like(weight: Tensor, x: Any) -> Tensor:
    """x as a tensor, unless it is floating-point of another width than the weight it meets.

    Integers and Python numbers take the weight's type. Raises: DtypeError otherwise: a float64 batch would turn
    every later layer into float64, twice as slow and unnoticed. One comparison where the types agree.
    """
    tensor: Tensor = as_tensor(x)
    dtype = tensor.value.dtype
    if dtype is weight.value.dtype or dtype == weight.value.dtype:
        return tensor
    if dtype.kind == "f" and weight.value.dtype.kind == "f" and not isinstance(tensor, Constant):
        raise _refusal(dtype, weight.value.dtype)
    return tensor


def _refusal(given: np.dtype[Any], needed: np.dtype[Any]) -> DtypeError:
    other = {"float64": "double", "float32": "float"}.get(str(given))
    model = f", or the model with model.{other}()" if other else ""
    return DtypeError(
        "the input has another floating-point type than the weights", given=f"input {given}, weights {needed}",
        needed=f"input {needed}", fix=f"convert the input with x.to(np.{needed}) or x.astype(np.{needed}){model}",
    )  # fmt: skip


def floating(dtype: Any) -> np.dtype[Any]:
    """`dtype`, if a network can compute in it. Raises: DtypeError."""
    kind = supported(dtype)
    if kind in FLOATING:
        return kind
    raise DtypeError(
        "a network computes in floating-point numbers", given=str(kind), needed=", ".join(map(str, FLOATING)),
        fix="leave the weights as they are, and convert the data",
    )  # fmt: skip


def convert(cell: Cell, dtype: np.dtype[Any]) -> None:
    """Change the type of a cell, and of its gradient, in place. The cell stays the same object."""
    if cell.dtype == dtype or cell.dtype.kind != "f":
        return
    gradient = cell.grad
    cell.value = cell.numpy().astype(dtype)
    cell.version += 1  # what was computed from the old value cannot go backward any more
    if gradient is not None:
        cell.grad = gradient
