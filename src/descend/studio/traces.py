"""The curves of a run that may go on for hours, in a few hundred points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST = 600


class Trace:
    """Several numbers over the steps. Where there are too many points, every second one goes; the last one stays."""

    def __init__(self, *names: str, most: int = MOST) -> None:
        self.names, self.most, self.stride = names, most, 1
        self._rows: list[tuple[float, ...]] = []
        self._last: tuple[float, ...] | None = None
        self._count = 0

    def add(self, step: float, *values: float) -> None:
        """The numbers after a step, in the order of the names."""
        self._last = (step, *values)
        if self._count % self.stride == 0:
            self._rows.append(self._last)
            if len(self._rows) > self.most:
                self._rows, self.stride = self._rows[::2], 2 * self.stride
        self._count += 1

    def arrays(self) -> dict[str, NDArray[Any]]:
        """A curve for each name. Shapes: (k, 2), step and value."""
        rows = np.array(self._with_last() or np.empty((0, 1 + len(self.names))), np.float64)
        return {name: rows[:, [0, i + 1]] for i, name in enumerate(self.names)}

    def _with_last(self) -> list[tuple[float, ...]]:
        added = self._last is not None and self._rows[-1] is not self._last
        return [*self._rows, self._last] if added and self._last else self._rows
