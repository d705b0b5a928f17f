"""The roofline of this machine: how fast it computes and how fast it moves numbers, measured by our own kernels.

No kernel can be faster than its operations at the peak, nor than its bytes at the bandwidth.
Source: Williams, Waterman and Patterson 2009, "Roofline: an insightful visual performance model".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from descend.compiler.cost import Cost
from descend.compiler.executors.native import Native
from descend.compiler.graph import Equation, Graph, Value
from descend.engine import PRIMITIVES

SECONDS = 0.3  # of trying: among many short runs some are not disturbed by other programs


@dataclass(frozen=True)
class Roofline:
    """Operations a second in a large matrix product, and bytes a second in a long sum of two vectors. One thread."""

    flops: float
    bytes: float

    def least(self, cost: Cost) -> float:
        """The seconds below which no kernel of this cost can stay (where its numbers lie in memory)."""
        return max(cost.flops / self.flops, cost.bytes / self.bytes)


@cache
def roofline() -> Roofline:
    """Measured at the first call, in about a second."""
    n, long = 384, 8_000_000
    product = _seconds("matmul", (n, n), (n, n))
    addition = _seconds("add", (long,), (long,))
    return Roofline(2 * n**3 / product, 3 * 4 * long / addition)


def _seconds(name: str, *shapes: tuple[int, ...]) -> float:
    """The best of several runs of one primitive on float32 arrays."""
    float32 = np.dtype(np.float32)
    inputs = tuple(Value(shape, float32) for shape in shapes)
    result = Value(shapes[0], float32)
    run = Native(Graph(inputs, (Equation(PRIMITIVES[name], inputs, (result,)),), (result,)))
    arrays = [np.ones(shape, np.float32) for shape in shapes]
    return best(lambda: run(arrays), repeats=3, seconds=SECONDS)


def best(run: Callable[[], object], repeats: int, seconds: float = 0.0) -> float:
    """The shortest of several times, in seconds: the one that was disturbed least.

    Args:
        repeats: how many there are at least.
        seconds: of all together, at least.
    """
    times: list[float] = []
    while len(times) < repeats or sum(times) < seconds:
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return min(times)
