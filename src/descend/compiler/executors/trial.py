"""How many threads are fastest here and now: found by trying.

More threads help on a quiet machine and hurt on a busy one, where they wait for each other. Results are the same bits
whatever their number, so it may change from run to run: at first, and again after many runs, each number is tried a few
times in turns, and the one with the best median is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

TRIES = 5  # runs with each number of threads
AGAIN = 400  # runs until the next trial


@dataclass
class Trial:
    """Runs work with one of these numbers of threads."""

    options: tuple[int, ...]
    runs: int = 0
    best: int = 0
    times: dict[int, list[float]] = field(default_factory=dict)

    def run(self, work: Callable[[int], None]) -> None:
        """Call work(threads)."""
        turn = self.runs % (AGAIN + TRIES * len(self.options))
        self.runs += 1
        if len(self.options) == 1 or turn >= TRIES * len(self.options):
            work(self.best or self.options[0])
            return
        threads = self.options[turn % len(self.options)]
        began = time.perf_counter()
        work(threads)
        self.times.setdefault(threads, []).append(time.perf_counter() - began)
        if turn == TRIES * len(self.options) - 1:
            self.best = min(self.options, key=lambda n: median(self.times[n]))
            self.times = {}
