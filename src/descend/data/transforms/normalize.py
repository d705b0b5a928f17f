"""Mean 0 and standard deviation 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from descend.data.checks import Array
from descend.engine.errors import UsageError


@dataclass(frozen=True, eq=False)
class Normalize:
    """(x - mean) / std, for each channel of pictures (n, c, h, w) or sounds (n, c, t), for each feature of rows (n, d).

    mean, std: shape (c,) or (d,). `Normalize.fit(train.x)` measures them; test data are to be changed by the numbers
    of the training data. Use it as on_examples(normalize).
    """

    mean: NDArray[np.float32]
    std: NDArray[np.float32]

    def __init__(self, mean: ArrayLike, std: ArrayLike) -> None:
        object.__setattr__(self, "mean", np.asarray(mean, np.float32))
        object.__setattr__(self, "std", np.asarray(std, np.float32))
        if not (self.std > 0).all():
            raise UsageError("a standard deviation is out of range", given=f"std = {std!r}", needed="numbers above 0")

    @classmethod
    def fit(cls, x: Array) -> Normalize:
        """Means and deviations over all axes but the second. What never varies has the deviation 1: it becomes 0."""
        axes = (0, *range(2, x.ndim))
        std = x.std(axis=axes, dtype=np.float64)
        return cls(x.mean(axis=axes, dtype=np.float64), np.where(std > 0, std, 1))

    def __call__(self, x: Array) -> NDArray[np.float32]:
        shape = (-1, *[1] * (x.ndim - 2))
        return np.asarray((x - self.mean.reshape(shape)) / self.std.reshape(shape), np.float32)
