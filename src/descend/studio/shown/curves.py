"""Curves over a training whose end nobody knows, in a few hundred points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST = 600


class Means:
    """Means of a number over as many steps each as are needed for at most `most` points. NaN counts for nothing.

    A curve of single values that lets every second one go would show other noise each time.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most, self.stride = most, 1
        self._steps: list[float] = []
        self._values: list[float] = []
        self._step, self._sum, self._count = 0.0, 0.0, 0  # of the mean that is not full yet

    def add(self, step: float, value: float) -> None:
        """The number after a step."""
        self._step = step
        self._sum += value
        self._count += 1
        if self._count == self.stride:
            self._end()

    def array(self) -> NDArray[Any]:
        """The curve, the mean that is not full yet included. Shape (k, 2): step and mean."""
        rows = list(zip(self._steps, self._values))
        if self._count:
            rows.append((self._step, self._sum / self._count))
        return np.array(rows, np.float64).reshape(-1, 2)

    def _end(self) -> None:
        self._steps.append(self._step)
        self._values.append(self._sum / self._count)
        self._sum, self._count = 0.0, 0
        if len(self._steps) > self.most:
            self._halve()

    def _halve(self) -> None:
        """Two neighbours become one, at the step of the later one; one that is left over waits for its neighbour."""
        if len(self._steps) % 2:
            self._steps.pop()
            self._sum, self._count = self._values.pop() * self.stride, self.stride
        self._values = np.array(self._values).reshape(-1, 2).mean(axis=1).tolist()
        self._steps = self._steps[1::2]
        self.stride *= 2
