"""Which type a result has: PyTorch's categories, in one table.

bool < integer < floating. The highest category among the inputs decides; within it, tensors with axes outrank 0-d
tensors, which outrank Python numbers; the widest of those that decide wins. So int + float32 is float32, a float64
0-d learning rate leaves float32 weights float32, and a Python number never widens anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from descend.engine.errors import DtypeError

DEFAULT = np.dtype(np.float32)
INTEGER = np.dtype(np.int64)
BOOL = np.dtype(np.bool_)
FLOATING = (np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.float16))
SUPPORTED = (
    BOOL, *FLOATING, *(np.dtype(kind) for kind in (np.int64, np.int32, np.int16, np.int8, np.uint8, np.uint32)),
)  # fmt: skip

_KNOWN = frozenset(SUPPORTED)
_CATEGORY = {"b": 0, "i": 1, "u": 1, "f": 2}


def of_number(number: bool | float) -> np.dtype[Any]:
    """The type of a Python number that stands alone: bool, int64 or float32."""
    if isinstance(number, bool):
        return BOOL
    return INTEGER if isinstance(number, int) else DEFAULT  # by isinstance: NumPy's float64 is a Python float too


def result_type(operands: Sequence[tuple[np.dtype[Any], int]]) -> np.dtype[Any]:
    """The common type of operands given as (dtype, rank); rank 2: has axes, 1: 0-d tensor, 0: Python number.

    Raises: DtypeError for types that mix in no stated way (uint32 with a signed integer).
    """
    top = max(_CATEGORY[dtype.kind] for dtype, _ in operands)
    deciding = [(dtype, rank) for dtype, rank in operands if _CATEGORY[dtype.kind] == top]
    highest = max(rank for _, rank in deciding)
    kinds = {dtype for dtype, rank in deciding if rank == highest}
    return next(iter(kinds)) if len(kinds) == 1 else _widest(kinds)


def _widest(kinds: set[np.dtype[Any]]) -> np.dtype[Any]:
    widest = np.result_type(*kinds)
    if widest in SUPPORTED and np.dtype(np.uint32) not in kinds:
        return widest
    names = ", ".join(sorted(str(kind) for kind in kinds))
    raise DtypeError(
        "these types have no common type",
        given=names,
        needed="signed integers or floats",
        fix="cast one with .to(dtype)",
    )


def supported(dtype: Any) -> np.dtype[Any]:
    """`dtype` as a NumPy dtype, or a `DtypeError` where no tensor can hold it."""
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        raise _unsupported(repr(dtype)) from None
    if dtype is None or found not in _KNOWN or not found.isnative:
        raise _unsupported(str(dtype if dtype is None else found))
    return found


def _unsupported(given: str) -> DtypeError:
    names = ", ".join(str(kind) for kind in SUPPORTED)
    fix = "convert it to one of these first"
    if given.strip("'").partition(":")[0] in ("cpu", "cuda", "mps"):
        fix = "everything computes on the CPU: leave .to(device) out"
    return DtypeError(f"a tensor cannot hold {given}", given=given, needed=f"one of {names}", fix=fix)
