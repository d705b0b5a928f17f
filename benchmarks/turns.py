"""Timing two programs in turns, and the ratio of their times with its interval."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ROUNDS = 25
WARM = 3


@dataclass(frozen=True)
class Comparison:
    """Median milliseconds a call, and how many times faster ours is, with the 95 % interval of that ratio."""

    ours_ms: float
    peer_ms: float
    ratio: float
    low: float
    high: float

    def metrics(self) -> dict[str, float]:
        """The numbers by name."""
        return {
            "ours_ms": self.ours_ms,
            "torch_ms": self.peer_ms,
            "ratio_torch": self.ratio,
            "ratio_torch_low": self.low,
            "ratio_torch_high": self.high,
        }

    def __str__(self) -> str:
        return (
            f"ours {self.ours_ms:.3f} ms, PyTorch {self.peer_ms:.3f} ms: "
            f"{self.ratio:.2f} times its speed (95 % interval {self.low:.2f} to {self.high:.2f})"
        )


def compare(ours: Callable[[], object], peer: Callable[[], object], calls: int) -> Comparison:
    """Time both in turns, `calls` calls a turn: ours, peer, ours, peer, ..."""
    times = np.array([[_timed(ours, calls), _timed(peer, calls)] for _ in range(WARM + ROUNDS)])[WARM:]
    ratios = times[:, 1] / times[:, 0]
    low, high = interval(ratios)
    ours_ms, peer_ms = np.median(times, axis=0) * 1e3
    return Comparison(float(ours_ms), float(peer_ms), float(np.median(ratios)), low, high)


def _timed(run: Callable[[], object], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - began) / calls


def interval(ratios: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of the median, by the bootstrap."""
    rng = np.random.default_rng(0)
    medians = np.median(rng.choice(ratios, (2000, len(ratios))), axis=1)
    low, high = np.quantile(medians, [0.025, 0.975])
    return float(low), float(high)
