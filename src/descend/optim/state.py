"""The state in cells: put back from a checkpoint, all of it or none, and put back after an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class restored_after_error:  # noqa: N801  reads as a statement
    """Where an error ends the block, every cell has the value again that it had before it."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = cells
        self.before = [cell.value for cell in cells]  # not read(): nothing is computed from these

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: object, *error: object) -> None:
        if kind is not None:
            for cell, old in zip(self.cells, self.before, strict=True):
                if cell.value is not old:
                    cell.write(old)


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
