"""What a network of one or two inputs says everywhere: a line, or a surface over the plane, with the data on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.studio.shown.answers import Task
from descend.studio.shown.examples import Examples

Array = NDArray[Any]
SIDE = 56  # places of the plane in each direction
PLACES = 200  # of a line
_ROOM = 0.1  # of the data's extent around it
_MOST_CLASSES = 20


class Ground:
    """All the inputs that a network of one or two numbers can be given.

    Attributes:
        axes: how many inputs there are. low, high: of each, with some room around the data.
    """

    def __init__(self, data: Examples) -> None:
        x = data.x.reshape(len(data.x), -1).astype(np.float64)
        self.axes, self.shape, self.dtype = x.shape[1], data.x.shape[1:], data.x.dtype
        low, high = x.min(axis=0), x.max(axis=0)
        room = np.where(high > low, _ROOM * (high - low), 1.0)
        self.low, self.high = low - room, high + room

    def inputs(self) -> Array:
        """Evenly spaced inputs: of two, row by row from the bottom. Shape (m, ...) as the network takes them."""
        spans = [np.linspace(a, b, SIDE if self.axes == 2 else PLACES) for a, b in zip(self.low, self.high)]
        places = np.stack([part.ravel() for part in np.meshgrid(*spans)], axis=1)
        return places.reshape(-1, *self.shape).astype(self.dtype)

    def answers(self, output: Array, task: Task) -> Array:
        """Probabilities of the classes there, or the first output. Shape (k, SIDE, SIDE), or (m, 2) of a line."""
        if task.kind in ("classes", "yes or no"):
            found = task.answers(output, None).bars
        else:
            found = output.reshape(len(output), -1)[:, :1]
        found = found[:, :_MOST_CLASSES].astype(np.float32)
        if self.axes == 2:
            return np.ascontiguousarray(found.T.reshape(-1, SIDE, SIDE))
        along = self.inputs().reshape(-1).astype(np.float32)
        return np.stack([along, found[:, -1]], axis=1)


def ground(data: Examples) -> Ground | None:
    """The ground of these examples; None where they have more than two inputs, or are no measured numbers."""
    x = data.x
    alone = len(data.inputs) == 1 and x.dtype.kind == "f" and bool(np.isfinite(x).all())
    if not alone or x.ndim > 2 or (x.ndim == 2 and x.shape[1] not in (1, 2)):
        return None
    return Ground(data)


def points(data: Examples, axes: int, like: float | None) -> Array:
    """The examples as points: x, and y or the target. Shape (n, 3): of two inputs, 1 where the target is `like`."""
    x = data.x.reshape(len(data.x), -1).astype(np.float32)
    target = np.zeros(len(x)) if data.y is None else data.y.reshape(len(x), -1)[:, 0]
    if axes == 1:
        return np.column_stack([x[:, 0], target]).astype(np.float32)
    third = target if like is None else target == like
    return np.column_stack([x, third]).astype(np.float32)
