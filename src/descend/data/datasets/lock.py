"""One process at a time in a folder."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_PAUSE = 0.05  # seconds between two tries


@contextmanager
def alone(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file `path`; while another holds it, call `waiting` once and wait.

    The operating system frees the lock of a process that ends in any way, so none is ever left over.
    """
    with path.open("ab") as file:
        if not _taken(file):
            waiting()
            while not _taken(file):
                time.sleep(_PAUSE)
        yield


def _taken(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
