"""Pictures with a hole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.data.checks import Array, whole
from descend.data.draws import Draws
from descend.data.transforms.compose import RandomTransform


@dataclass(frozen=True)
class Cutout(RandomTransform):
    """A square of `size` x `size` pixels set to `fill`, its middle anywhere in the picture: it may stick out.

    Source: DeVries, Taylor 2017, arXiv:1708.04552, section 3.2.
    """

    size: int
    fill: float = 0.0

    def __post_init__(self) -> None:
        whole(self.size, "size", 1)

    def change(self, x: Array, draws: Draws) -> Array:
        u = draws.uniform(2)
        rows, columns = self._covered(u[:, 0], x.shape[2]), self._covered(u[:, 1], x.shape[3])
        hole = rows[:, None, :, None] & columns[:, None, None, :]
        return np.where(hole, np.asarray(self.fill, x.dtype), x)

    def _covered(self, u: Array, n: int) -> Array:
        first = (u * n).astype(np.int64)[:, None] - self.size // 2
        place = np.arange(n)
        return (place >= first) & (place < first + self.size)
