"""Saved state put back into cells: all of it is checked before any of it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from descend.engine import Cell, DescendError, ShapeError, Tensor, UsageError

Arrays = Mapping[str, NDArray[Any]]


def load_state(owner: str, cells: Mapping[str, Cell], arrays: Arrays) -> None:
    """Write each array to the cell of its name. Raises: UsageError for other names, ShapeError, DtypeError."""
    if set(cells) != set(arrays):
        raise UsageError(
            f"this state belongs to another {owner}", given=", ".join(sorted(arrays)), needed=", ".join(sorted(cells)),
            fix=f"make the {owner} with the class and the settings that it was saved with",
        )  # fmt: skip
    values = {name: _fitting(name, arrays[name], cell) for name, cell in cells.items()}
    for name, cell in cells.items():
        cell.write(values[name])


def _fitting(name: str, array: Any, cell: Cell) -> Tensor:
    try:
        value = Tensor(array).to(cell.dtype)
    except DescendError as error:
        error.problem = f"the state's {name}: {error.problem}"
        raise
    if value.shape == cell.shape:
        return value
    raise ShapeError(
        f"the state's {name} belongs to other parameters", given=str(value.shape), needed=str(cell.shape),
        fix="build the network with the settings that it was saved with",
    )  # fmt: skip
