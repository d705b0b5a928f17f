"""Averages of weights over training: they often generalise better than the last weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, Tensor, no_grad, ops
from descend.optim import checks
from descend.optim.settings import Known
from descend.optim.state import load_state
from descend.optim.vector import put


class Average(Known, ABC):
    """A second set of weights, moved by `update()` after some of the optimiser's steps.

    Buffers, such as BatchNorm's running averages, stay the model's own: after putting averaged weights into a network
    with BatchNorm take these anew, by `train.update_bn`.

    Attributes:
        weights: the averages, one vector in a cell.
        n: the number of updates, a 0-d cell.
    """

    def __init__(self, parameters: Iterable[Cell]) -> None:
        self.parameters = checks.parameters(parameters)
        self.weights = Cell(ops.ravel([p.read() for p in self.parameters]))
        self.n = Cell(np.array(0, np.int64))

    def update(self) -> None:
        """Take in the present weights; the first ones are taken as they are."""
        with no_grad():
            p = ops.ravel(self.parameters)
            self.weights.write(ops.where(self.n > 0, self.blend(self.weights, p), p))
            self.n.write(self.n + 1)

    @abstractmethod
    def blend(self, average: Tensor, p: Tensor) -> Tensor:
        """The new average. Shapes: (size,)."""

    def apply(self) -> None:
        """Put the averages into the model."""
        with no_grad():
            put(self.weights.read(), self.parameters)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The model with the averages in it inside the block, and with its own weights after it."""
        own = [p.read() for p in self.parameters]
        self.apply()
        try:
            yield
        finally:
            for p, weights in zip(self.parameters, own, strict=True):
                p.write(weights)

    def _state(self) -> dict[str, Cell]:
        return {"weights": self.weights, "n": self.n}

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return {name: cell.numpy() for name, cell in self._state().items()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken. Raises: UsageError, ShapeError for another network's averages."""
        load_state("average", self._state(), arrays)


class EMA(Average):
    """average <- decay average + (1 - decay) p: an exponential moving average, for every step.

    Source: Polyak and Juditsky 1992; as used by Szegedy et al. 2016, arXiv:1512.00567, section 8.
    """

    def __init__(self, parameters: Iterable[Cell], decay: float = 0.999) -> None:
        super().__init__(parameters)
        self.decay = checks.fraction("decay", decay)

    def blend(self, average: Tensor, p: Tensor) -> Tensor:
        """The old average and p, weighted."""
        return self.decay * average + (1 - self.decay) * p


class SWA(Average):
    """average <- average + (p - average) / (n + 1): the plain mean, for the end of every epoch late in training.

    Source: Izmailov et al. 2018, arXiv:1803.05407, Algorithm 1.
    """

    def blend(self, average: Tensor, p: Tensor) -> Tensor:
        """The mean of n + 1 weights from the mean of n."""
        return average + (p - average) / (self.n.to(p.dtype) + 1)
