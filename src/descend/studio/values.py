"""Values that strict JSON can carry, and numbers for people. It knows NumPy's numbers without importing NumPy."""

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


def figure(v: float, digits: int = 3) -> str:
    """A number as the pages write it: few digits, thin groups, powers of ten in superscripts (2.35·10⁻⁷)."""
    if not math.isfinite(v):
        return "not a number" if math.isnan(v) else "∞" if v > 0 else "−∞"
    size, sign = abs(v), "−" if v < 0 else ""
    if size and not 1e-4 <= size < 1e7:
        mantissa, exponent = f"{size:.{digits - 1}e}".split("e")
        return f"{sign}{float(mantissa):g}·10{str(int(exponent)).translate(_RAISED)}"
    if size >= 1000:
        whole = float(f"{size:.{max(digits, 4)}g}") if size < 1e4 else round(size)
        return sign + f"{whole:,.10g}".replace(",", "\u202f")
    return f"{sign}{float(f'{size:.{digits}g}'):.10g}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
