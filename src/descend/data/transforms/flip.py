"""Mirror images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.data.checks import Array, number
from descend.data.draws import Draws
from descend.data.transforms.compose import RandomTransform


@dataclass(frozen=True)
class RandomHorizontalFlip(RandomTransform):
    """Left and right exchanged with probability p."""

    p: float = 0.5

    def __post_init__(self) -> None:
        number(self.p, "p", 0, 1)

    def change(self, x: Array, draws: Draws) -> Array:
        return _flip(x, draws.uniform() < self.p, x[..., ::-1])


@dataclass(frozen=True)
class RandomVerticalFlip(RandomTransform):
    """Top and bottom exchanged with probability p."""

    p: float = 0.5

    def __post_init__(self) -> None:
        number(self.p, "p", 0, 1)

    def change(self, x: Array, draws: Draws) -> Array:
        return _flip(x, draws.uniform() < self.p, x[..., ::-1, :])


def _flip(x: Array, which: Array, flipped: Array) -> Array:
    return np.where(which[:, None, None, None], flipped, x)
