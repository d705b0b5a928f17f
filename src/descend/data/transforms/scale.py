"""Pixels as numbers between 0 and 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array
from descend.engine.errors import DtypeError


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


def scaled(x: Array, name: str) -> NDArray[np.float32]:
    """The floats x as float32; DtypeError, in the name of the transform, for bytes."""
    if x.dtype.kind != "f":
        raise DtypeError(
            f"{name} takes pixels in [0, 1]",
            given=f"dtype {x.dtype}",
            needed="floats",
            fix="put on_examples(scale) before it",
        )
    return x.astype(np.float32, copy=False)
