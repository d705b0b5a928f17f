"""Class numbers as probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.data import checks
from descend.data.checks import Array
from descend.data.transforms.compose import Transform


def one_hot(y: Array, n_classes: int) -> NDArray[np.float32]:
    """Row i is 1 at y_i and 0 elsewhere. y: shape (n,); the result: (n, n_classes). DataError for other labels."""
    numbers = checks.labels(y, "y")
    checks.below(numbers, n_classes, "y")
    return np.eye(n_classes, dtype=np.float32)[numbers]


def on_labels(n_classes: int) -> Transform:
    """The transform (x, y) -> (x, one_hot(y)), for a Loader."""
    return lambda x, y: (x, one_hot(y, n_classes))
