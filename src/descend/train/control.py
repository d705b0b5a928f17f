"""The file through which a running process is asked to pause or to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from descend.disk.durable import write_file
from descend.engine.errors import UsageError, near_miss

Request = Literal["run", "pause", "stop"]
POLL = 0.2  # seconds between two looks


def request(path: Path, wish: Request) -> None:
    """Ask the process that watches this file to go on, to pause or to stop.

    Raises UsageError for another word, and DescendError where the file may not be written.
    """
    if wish not in get_args(Request):
        raise UsageError(
            f"a run cannot be asked to {wish!r}",
            needed="run, pause or stop",
            fix=near_miss(wish, get_args(Request)) or None,
        )
    write_file(path, wish.encode())


def requested(path: Path) -> Request:
    """What is asked for at the moment; "run" where nothing or nothing known was written."""
    try:
        text = path.read_text(errors="replace").strip()
    except FileNotFoundError:
        return "run"
    return "stop" if text == "stop" else "pause" if text == "pause" else "run"


class Poll:
    """Looks at the file at most every 0.2 s, so that it can be asked after every step."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path, self._clock = path, clock
        self._next, self._last = -float("inf"), requested(path)

    def __call__(self) -> Request:
        if self._clock() >= self._next:
            self._next, self._last = self._clock() + POLL, requested(self.path)
        return self._last
