"""`Optimizer`: what all update rules share.

Everything that changes from step to step is a cell made in the constructor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, Tensor, UsageError, no_grad, ops
from descend.optim import checks
from descend.optim.clipping import clipped
from descend.optim.groups import Parameters, decays, groups, shares
from descend.optim.settings import Known
from descend.optim.state import load_state, restored_after_error
from descend.optim.vector import gradient, put

Closure = Callable[[], Tensor]


class Optimizer(Known):
    """Changes parameters along their gradients.

    All parameters are one vector to an update rule, and so are all gradients: the rule reads as it does in its
    paper, and what is summed over machines is one array. A parameter without a gradient counts as having the
    gradient 0.

    Args:
        parameters: cells, or groups of them with settings of their own: [{"params": biases, "weight_decay": 0}, ...].
            A group's lr is kept as a share of the optimiser's: its steps are lr_group / lr times as long, whatever
            a schedule makes of lr.
        lr: the learning rate.
        weight_decay: weight_decay p is added to g; where the class is `decoupled`, p shrinks by lr weight_decay p.

    Attributes:
        lr: the learning rate, a 0-d cell: `optimizer.lr = 0.01` writes to it, without a new trace.
        t: the number of steps taken, a 0-d cell.
        initial_lr: what schedules start from; None before the first one is made.
    """

    decoupled = False

    def __init__(self, parameters: Parameters, lr: float, weight_decay: float = 0.0) -> None:
        found = groups(parameters)
        self.parameters = [cell for group in found for cell in group.parameters]
        self.dtype = self.parameters[0].dtype
        self.size = sum(p.size for p in self.parameters)
        self.lr = Cell(np.array(checks.not_negative("lr", lr)))
        self.t = Cell(np.array(0, np.int64))
        self.share = shares(found, float(lr), self.dtype)
        self.weight_decay = decays(found, checks.not_negative("weight_decay", weight_decay), self.dtype)
        self.initial_lr: float | None = None
        self.limits: dict[str, float] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        """A number put in the place of a cell is written into it: schedules and compiled steps have the cell."""
        held = vars(self).get(name)
        if not isinstance(held, Cell) or isinstance(value, Cell):
            super().__setattr__(name, value)
        elif name == "lr" and not isinstance(value, Tensor):
            held.write(checks.not_negative(name, value))
        else:
            held.write(value)

    def step(self, closure: Closure | None = None) -> Tensor | None:
        """Move the parameters. Returns: the loss, where a `closure` was given that computes it and its gradients.

        Where an error ends the step, parameters and state are as they were before it.
        Raises: GradientError if no parameter has a gradient.
        """
        loss = closure() if closure is not None else None
        with no_grad(), restored_after_error([*self.parameters, *self.state().values()]):
            p, g = ops.ravel(self.parameters), gradient(self.parameters)
            if self.limits:
                g = clipped(g, **self.limits)
            self.t.write(self.t + 1)
            moved = self.update(*self._decayed(p, g))
            put(moved if self.share is None else p + self.share * (moved - p), self.parameters)
        return loss

    def update(self, p: Tensor, g: Tensor) -> Tensor:  # noqa: ARG002  a subclass uses them
        """The new parameters. Shapes: p, g and the result (size,)."""
        raise UsageError(f"{type(self).__name__} defines no update()", fix="write def update(self, p, g): ...")

    def _decayed(self, p: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
        if isinstance(self.weight_decay, float) and not self.weight_decay:
            return p, g
        return (p - self.lr * self.weight_decay * p, g) if self.decoupled else (p, g + self.weight_decay * p)

    def clip(self, *, norm: float | None = None, value: float | None = None) -> Self:
        """Limit the gradient of every step from now on: see `clipping.clipped`. Returns itself.

        Raises: UsageError for a limit that is not positive.
        """
        given = {"norm": norm, "value": value}
        self.limits = {name: checks.positive(name, limit) for name, limit in given.items() if limit is not None}
        return self

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for p in self.parameters:
            p.grad = None

    def vector(self, fill: float = 0.0) -> Cell:
        """A cell with a place for each parameter's element: a rule's memory, such as a velocity."""
        return Cell(np.full(self.size, fill, self.dtype))

    def state(self) -> dict[str, Cell]:
        """The cells that a checkpoint keeps, by name."""
        return {name: part for name, part in vars(self).items() if isinstance(part, Cell)}

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return {name: cell.numpy() for name, cell in self.state().items()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken. Raises: UsageError, ShapeError for another optimiser's state."""
        load_state("optimiser", self.state(), arrays)


def checked(given: Any) -> Optimizer:
    """What was given, unless it is no optimiser. Raises: UsageError."""
    if isinstance(given, Optimizer):
        return given
    raise UsageError(
        "this goes on top of an optimiser", given=f"a {type(given).__name__}", needed="an optimiser",
        fix="make one first: optim.SGD(model.parameters(), lr=0.1)",
    )  # fmt: skip
