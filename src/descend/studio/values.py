"""Values that strict JSON can carry. It knows NumPy's numbers without importing NumPy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Value = float | int | str | bool | None


def plain(value: Any) -> Any:
    """A value that strict JSON can carry: NumPy's scalars as Python's, and no number where there is none."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
