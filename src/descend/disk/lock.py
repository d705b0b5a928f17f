"""One process at a time. A lock belongs to its process, so one that is killed leaves none behind."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from descend.disk.durable import storing
from descend.engine.errors import DescendError

_PAUSE = 0.05  # seconds between two tries of one that waits
_PATIENCE = 0.5  # seconds; longer than another process needs to ask who holds the lock


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`; its text is the process id of the holder.

    Raises DescendError where another process, or another part of this one, holds it.
    """
    with storing(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(descriptor, path)
        with storing(path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def alone(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file at `path`; while another holds it, call `waiting` once and wait."""
    with path.open("ab") as file:
        if not _taken(file.fileno(), fcntl.LOCK_EX):
            waiting()
            while not _taken(file.fileno(), fcntl.LOCK_EX):
                time.sleep(_PAUSE)
        yield


def holder(path: Path) -> int | None:
    """Process id of whoever holds the lock file, 0 where it is not known yet, None where nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DescendError(f"it cannot be told who uses {path.parent}", given=str(error)) from error
    try:
        return None if _taken(descriptor, fcntl.LOCK_SH) else _process_id(descriptor)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path) -> None:
    # `holder` takes the lock for an instant: one refusal does not mean that there is another writer.
    deadline = time.monotonic() + _PATIENCE
    while not _taken(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            raise DescendError(
                f"{path.parent} is in use",
                given=f"process {_process_id(descriptor)} is writing it",
                fix="wait until it ends, stop it, or start a new run",
            )
        time.sleep(0.01)


def _taken(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _process_id(descriptor: int) -> int:
    text = os.pread(descriptor, 32, 0)
    return int(text) if text.isdigit() else 0
