"""What is done to a batch between the data set and the network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array, Labels
from descend.engine.errors import DtypeError

Transform = Callable[[Array, Labels], tuple[Array, Labels]]


def scale(x: Array) -> NDArray[np.float32]:
    """Pixels in [0, 1].

    x / 255. x: uint8, any shape; the result: float32, the same shape. Raises DtypeError for any other dtype.
    """
    if x.dtype != np.uint8:
        raise DtypeError(
            "scale takes pixels stored as bytes",
            given=f"dtype {x.dtype}",
            needed="uint8 in 0 .. 255",
            fix="leave scale out where the values are scaled already",
        )
    return np.divide(x, np.float32(255), dtype=np.float32)


def on_examples(change: Callable[[Array], Array]) -> Transform:
    """The transform (x, y) -> (change(x), y), for a Loader: `on_examples(scale)`."""
    return lambda x, y: (change(x), y)
