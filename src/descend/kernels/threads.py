"""The threads that run a program: one for each processor, asleep where there is nothing to do.

`DESCEND_THREADS` sets their number. Results do not depend on it: no sum is ever divided among threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cache

VARIABLE = "DESCEND_THREADS"
Work = Callable[[int, int], None]


def count() -> int:
    """How many threads a program may use."""
    named = os.environ.get(VARIABLE, "")
    if named.isdigit() and int(named) > 0:
        return int(named)
    known = getattr(os, "sched_getaffinity", None)
    return len(known(0)) if known is not None else os.cpu_count() or 1


class Team:
    """Threads that do the same work at the same time, each with its number; the caller is number 0."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.begin = [threading.Semaphore(0) for _ in range(size)]
        self.done = threading.Semaphore(0)
        self.busy = threading.Lock()
        self.work: Work = _nothing
        for number in range(1, size):
            threading.Thread(target=self._serve, args=(number,), daemon=True, name=f"kernels-{number}").start()

    def run(self, work: Work) -> None:
        """work(number, size) in every thread; returns when all are through."""
        with self.busy:  # one program at a time
            self.work = work
            for number in range(1, self.size):
                self.begin[number].release()
            try:
                work(0, self.size)
            finally:  # after an interruption, too: the next work must not begin beside this one
                for _ in range(1, self.size):
                    self.done.acquire()

    def _serve(self, number: int) -> None:
        while True:
            self.begin[number].acquire()
            self.work(number, self.size)
            self.done.release()


def _nothing(_number: int, _size: int) -> None:
    """The work before there is any."""


@cache
def team(size: int) -> Team:
    """The team of this size, started at the first call."""
    return Team(size)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=team.cache_clear)  # threads do not survive it: the child starts its own
