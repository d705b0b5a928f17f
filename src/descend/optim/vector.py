"""Parameters as one vector, and one vector as parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from descend.engine import Cell, GradientError, Tensor, ops


def put(vector: Tensor, cells: Iterable[Cell]) -> None:
    """Write each section of the vector to its cell: undoes `ops.ravel(cells)`."""
    start = 0
    for cell in cells:
        cell.write(ops.section(vector, start, cell.shape))
        start += cell.size


def gradient(cells: Sequence[Cell]) -> Tensor:
    """The gradients of the cells as one vector; a missing one is 0. Raises: GradientError if all are missing."""
    gradients = [cell.grad for cell in cells]
    if all(g is None for g in gradients):
        raise GradientError(
            "no parameter has a gradient", given=f"{len(gradients)} parameters",
            needed="loss.backward() before step()", fix="does the loss come from this model, outside no_grad()?",
        )  # fmt: skip
    pairs = zip(cells, gradients, strict=True)
    return ops.ravel([ops.zeros(cell.shape, cell.dtype) if g is None else g for cell, g in pairs])


def norm(x: Tensor) -> Tensor:
    """The length of a vector, sqrt(sum x²)."""
    return ops.sqrt(ops.sum(ops.square(x)))


def put_gradient(vector: Tensor, cells: Iterable[Cell]) -> None:
    """Make each section of the vector the gradient of its cell; a cell without a gradient stays without."""
    start = 0
    for cell in cells:
        if cell.grad is not None:
            cell.grad = ops.section(vector, start, cell.shape)
        start += cell.size
