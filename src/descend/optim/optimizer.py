"""`Optimizer`: what all update rules share.

Everything that changes from step to step is a cell made in the constructor.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, GradientError, Tensor, UsageError, no_grad, ops
from descend.optim import checks
from descend.optim.state import load_state


class Optimizer:
    """Changes parameters along their gradients.

    All parameters are one vector to an update rule, and so are all gradients: the rule reads as it does in its
    paper, and what is summed over machines is one array. A parameter without a gradient counts as having the
    gradient 0.

    Attributes:
        lr: the learning rate, a 0-d cell: `optimizer.lr.write(0.01)` changes it without a new trace.
        t: the number of steps taken, a 0-d cell.
    """

    def __init__(self, parameters: Iterable[Cell], lr: float) -> None:
        self.parameters = checks.parameters(parameters)
        self.dtype = self.parameters[0].dtype
        *self.starts, self.size = accumulate((p.size for p in self.parameters), initial=0)
        self.lr = Cell(np.array(checks.not_negative("lr", lr)))
        self.t = Cell(np.array(0, np.int64))

    def step(self) -> None:
        """Move the parameters. Raises: GradientError if none of them has a gradient."""
        with no_grad():
            g = self._gradient()
            self.t.write(self.t + 1)
            moved = self.update(ops.ravel(self.parameters), g)
            for p, start in zip(self.parameters, self.starts, strict=True):
                p.write(ops.section(moved, start, p.shape))

    def update(self, p: Tensor, g: Tensor) -> Tensor:  # noqa: ARG002  a subclass uses them
        """The new parameters. Shapes: p, g and the result (size,)."""
        raise UsageError(f"{type(self).__name__} defines no update()", fix="write def update(self, p, g): ...")

    def _gradient(self) -> Tensor:
        gradients = [p.grad for p in self.parameters]
        if all(g is None for g in gradients):
            raise GradientError(
                "no parameter has a gradient", given=f"{len(gradients)} parameters",
                needed="loss.backward() before step()", fix="does the loss come from this model, outside no_grad()?",
            )  # fmt: skip
        pairs = zip(self.parameters, gradients, strict=True)
        return ops.ravel([ops.zeros(p.shape, p.dtype) if g is None else g for p, g in pairs])

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
        """Go on where `state_dict` was taken. Raises: UsageError, ShapeError for another optimiser's state."""
        load_state("optimiser", self.state(), arrays)
