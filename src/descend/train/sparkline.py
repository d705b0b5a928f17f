"""A curve in one line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

BARS = "▁▂▃▄▅▆▇█"
ASCII_BARS = "_.:-=+*#"


def sparkline(values: Sequence[float], width: int, bars: str = BARS) -> str:
    """Bars for the means of `width` equal stretches of the values, from the lowest to the highest of them.

    Values that are not finite are left out. Fewer values than `width` give as many bars.
    """
    means = [_mean(values[start:stop]) for start, stop in _stretches(len(values), width)]
    finite = [mean for mean in means if math.isfinite(mean)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    return "".join(_bar(mean, low, high, bars) for mean in means)


def _stretches(n: int, width: int) -> list[tuple[int, int]]:
    parts = min(n, width)
    edges = [n * i // parts for i in range(parts + 1)] if parts > 0 else []
    return list(pairwise(edges))


def _mean(values: Sequence[float]) -> float:
    finite = [v for v in values if math.isfinite(v)]
    return sum(finite) / len(finite) if finite else math.nan


def _bar(value: float, low: float, high: float, bars: str) -> str:
    if not math.isfinite(value):
        return " "
    level = (value - low) / (high - low) if high > low else 0.0
    return bars[min(int(level * len(bars)), len(bars) - 1)]
