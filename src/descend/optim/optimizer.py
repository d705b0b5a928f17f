"""`Optimizer`: what all update rules share. Everything that changes from step to step is a cell made in the constructor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, GradientError, ShapeError, Tensor, UsageError, no_grad, ops


class Optimizer:
    """Changes parameters along their gradients.

    All parameters are one vector to an update rule, and so are all gradients: the rule reads as it does in its paper,
    and what is summed over machines is one array. A parameter without a gradient counts as having the gradient 0.

    Attributes:
        lr: the learning rate, a 0-d cell: `optimizer.lr.write(0.01)` changes it without a new trace.
        t: the number of steps taken, a 0-d cell.
    """

    def __init__(self, parameters: Iterable[Cell], lr: float) -> None:
        self.parameters = _checked(parameters)
        self.dtype = self.parameters[0].dtype
        sizes = [p.size for p in self.parameters]
        self.starts = [sum(sizes[:i]) for i in range(len(sizes))]
        self.size = sum(sizes)
        self.lr = Cell(np.array(not_negative("lr", lr)))
        self.t = Cell(np.array(0, np.int64))

    def step(self) -> None:
        """Move the parameters. Raises: GradientError if none of them has a gradient."""
        with no_grad():
            self.t.write(self.t + 1)
            moved = self.update(ops.ravel(self.parameters), self._gradient())
            for p, start in zip(self.parameters, self.starts, strict=True):
                p.write(ops.section(moved, start, p.shape))

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The new parameters. Shapes: p, g and the result (size,)."""
        raise UsageError(f"{type(self).__name__} defines no update()")

    def _gradient(self) -> Tensor:
        gradients = [p.grad for p in self.parameters]
        if all(g is None for g in gradients):
            raise GradientError(
                "no parameter has a gradient", given=f"{len(gradients)} parameters", needed="loss.backward() before step()",
                fix="call loss.backward() first; does the loss come from this model?",
            )  # fmt: skip
        return ops.ravel([ops.zeros(p.shape, p.dtype) if g is None else g for p, g in zip(self.parameters, gradients, strict=True)])

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for p in self.parameters:
            p.grad = None

    def vector(self) -> Cell:
        """A cell of zeros with a place for each parameter's element: a rule's memory, such as a velocity."""
        return Cell(np.zeros(self.size, self.dtype))

    def state(self) -> dict[str, Cell]:
        """The cells that a checkpoint keeps, by name."""
        return {name: part for name, part in vars(self).items() if isinstance(part, Cell)}

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return {name: cell.numpy() for name, cell in self.state().items()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken. Raises: UsageError for another optimiser's state."""
        cells = self.state()
        if set(cells) != set(arrays):
            different = ", ".join(sorted(set(cells) ^ set(arrays)))
            raise UsageError("this state belongs to another optimiser", given=f"differs in: {different}", needed=", ".join(cells))
        for name, cell in cells.items():
            if np.shape(arrays[name]) != cell.shape:
                raise ShapeError(f"{name} belongs to other parameters", given=str(np.shape(arrays[name])), needed=str(cell.shape))
        for name, cell in cells.items():
            cell.write(arrays[name])


def _checked(parameters: Iterable[Cell]) -> list[Cell]:
    cells = list(parameters)
    if not cells:
        raise UsageError("there is nothing to optimise", given="no parameters", needed="at least one", fix="pass model.parameters()")
    for cell in cells:
        if not isinstance(cell, Cell):
            raise UsageError(
                "an optimiser changes parameters in place", given=type(cell).__name__, needed="cells (nn.Parameter)",
                fix="wrap the tensor: nn.Parameter(x)",
            )  # fmt: skip
        if not cell.requires_grad:
            raise GradientError("a cell without gradients cannot be optimised", given=f"shape {cell.shape}", needed="nn.Parameter")
    if len({cell.dtype for cell in cells}) > 1:
        types = ", ".join(sorted({str(cell.dtype) for cell in cells}))
        raise UsageError("an optimiser's parameters are of one type", given=types, needed="one type", fix="use two optimisers")
    if len({id(cell) for cell in cells}) != len(cells):
        raise UsageError("a parameter is listed twice and would move twice", fix="list each parameter once")
    return cells


def not_negative(name: str, number: float) -> float:
    """`number` unless it is negative or not finite. Raises: UsageError."""
    if isinstance(number, (int, float)) and np.isfinite(number) and number >= 0:
        return float(number)
    raise UsageError(f"{name} must be a number that is not negative", given=f"{name}={number!r}", needed=f"{name} >= 0")


def fraction(name: str, number: float) -> float:
    """`number` unless it is outside [0, 1). Raises: UsageError."""
    if isinstance(number, (int, float)) and 0 <= number < 1:
        return float(number)
    raise UsageError(f"{name} must lie in [0, 1)", given=f"{name}={number!r}", needed=f"0 <= {name} < 1")
