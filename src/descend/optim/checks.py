"""Checks of what optimisers are made with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

from descend.engine import Cell, GradientError, Tensor, UsageError


def parameters(given: Iterable[Cell]) -> list[Cell]:
    """The parameters as a list. Raises: UsageError, GradientError unless they are distinct cells of one type."""
    if not walkable(given):
        raise _no_cells(given)
    cells = list(given)
    if not cells:
        raise UsageError(
            "there is nothing to optimise", given="no parameters", needed="at least one",
            fix="pass model.parameters() anew: what it gives can be walked through once only",
        )  # fmt: skip
    for cell in cells:
        _check_cell(cell)
    if len({cell.dtype for cell in cells}) > 1:
        types = ", ".join(sorted({str(cell.dtype) for cell in cells}))
        raise UsageError(
            "an optimiser's parameters are of one type", given=types, needed="one", fix="use two optimisers"
        )
    if len({id(cell) for cell in cells}) != len(cells):
        raise UsageError(
            "a parameter is listed twice and would move twice", given=_twice(cells), needed="each parameter once",
            fix="pass model.parameters() of the whole model, which lists shared ones once",
        )  # fmt: skip
    return cells


def walkable(given: object) -> bool:
    """Whether there may be parameters in it to walk through. A Sequential would give its layers."""
    return isinstance(given, Iterable) and not isinstance(given, Tensor) and not hasattr(given, "parameters")


def _check_cell(cell: object) -> None:
    if not isinstance(cell, Cell):
        raise _no_cells(cell)
    if not cell.requires_grad:
        raise GradientError(
            "a cell without gradients cannot be optimised", given=f"{type(cell).__name__} of shape {cell.shape}",
            needed="nn.Parameter that is not frozen",
            fix="pass [p for p in model.parameters() if p.requires_grad]: no buffers, and none that is frozen",
        )  # fmt: skip


def _no_cells(given: object) -> UsageError:
    if isinstance(given, Cell):
        fix = "put it in a list: [p]"
    elif isinstance(given, Tensor):
        fix = "make it an nn.Parameter, and pass a list of those"
    else:
        fix = "pass model.parameters()"
    return UsageError(
        "an optimiser takes the parameters that it changes",
        given=type(given).__name__,
        needed="a list of nn.Parameter",
        fix=fix,
    )


def _twice(cells: list[Cell]) -> str:
    numbers = [id(cell) for cell in cells]
    i = next(i for i, number in enumerate(numbers) if number in numbers[:i])
    return f"parameters {numbers.index(numbers[i])} and {i}, both of shape {cells[i].shape}"


def not_negative(name: str, number: Any) -> float:
    """The number, unless it is negative or not finite. Raises: UsageError."""
    if isinstance(number, Real) and math.isfinite(number) and float(number) >= 0:
        return float(number)
    raise UsageError(f"{name} must be a number that is not negative", given=f"{name}={number!r}", needed=f"{name} >= 0")


def positive(name: str, number: Any) -> float:
    """The number, unless it is 0, negative or not finite. Raises: UsageError."""
    if isinstance(number, Real) and math.isfinite(number) and float(number) > 0:
        return float(number)
    raise UsageError(f"{name} must be a number above 0", given=f"{name}={number!r}", needed=f"{name} > 0")


def fraction(name: str, number: Any) -> float:
    """The number, unless it is outside [0, 1). Raises: UsageError."""
    if isinstance(number, Real) and 0 <= float(number) < 1:
        return float(number)
    raise UsageError(f"{name} must lie in [0, 1)", given=f"{name}={number!r}", needed=f"0 <= {name} < 1")


def unit(name: str, number: Any) -> float:
    """The number, unless it is outside [0, 1]. Raises: UsageError."""
    if isinstance(number, Real) and 0 <= float(number) <= 1:
        return float(number)
    raise UsageError(f"{name} must lie in [0, 1]", given=f"{name}={number!r}", needed=f"0 <= {name} <= 1")


def pair(name: str, given: Any) -> tuple[float, float]:
    """Two numbers that are not negative. Raises: UsageError."""
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise UsageError(f"{name} are two numbers", given=f"{name}={given!r}", needed="like (0.5, 1.2)")
    return not_negative(f"{name}[0]", given[0]), not_negative(f"{name}[1]", given[1])


def betas(given: Any) -> tuple[float, float]:
    """Adam's two factors. Raises: UsageError."""
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise UsageError("betas are two numbers", given=f"betas={given!r}", needed="like (0.9, 0.999)")
    return fraction("betas[0]", given[0]), fraction("betas[1]", given[1])


def count(name: str, number: Any, least: int) -> int:
    """The whole number, unless it is less than `least`. Raises: UsageError."""
    if not isinstance(number, bool) and isinstance(number, Integral) and int(number) >= least:
        return int(number)
    raise UsageError(f"{name} must be a whole number", given=f"{name}={number!r}", needed=f"{name} >= {least}")
