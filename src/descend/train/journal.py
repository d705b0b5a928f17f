"""The file of a run's events: lines are only ever added, and a line cut short by a crash is no line."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from descend.disk.durable import storing, write_all
from descend.engine.errors import DescendError
from descend.train.events import Event, Step, from_json

STEP_INTERVAL = 0.1  # seconds between two recorded Step events


class Journal:
    """Adds events to a file: all of them, except that of the `Step` events at most ten a second are kept.

    The newest `Step` left out so far is written before any other event, so an epoch ends with its last step.

    Args:
        path: the file; made if absent. A torn last line is cut off.
        clock: seconds, increasing.

    Raises DescendError where the disk is full or may not be written; what was recorded before stays whole.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path, self._clock = path, clock
        self._left_out: Step | None = None
        self._next_step = -float("inf")
        with storing(path):
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            self._size = _whole_lines(path.read_bytes())
            os.ftruncate(self._descriptor, self._size)

    def record(self, event: Event) -> None:
        """Add the event, or hold a `Step` back that follows too soon on another."""
        if isinstance(event, Step) and self._clock() < self._next_step:
            self._left_out = event
            return
        lines = [event] if self._left_out is None or isinstance(event, Step) else [self._left_out, event]
        self._left_out = None
        self._append("".join(line.to_json() + "\n" for line in lines).encode())
        if isinstance(event, Step):
            self._next_step = self._clock() + STEP_INTERVAL

    def sync(self) -> None:
        """Wait until everything recorded is on the disk."""
        with storing(self.path):
            os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)

    def _append(self, data: bytes) -> None:
        with storing(self.path):
            try:
                write_all(self._descriptor, data)
            except OSError:
                # Half a line must not run into the next one, should there be room again later.
                os.ftruncate(self._descriptor, self._size)
                raise
        self._size += len(data)


class Tail:
    """Reads a growing file of events from a byte position on, whole lines only.

    Attributes:
        position: where the first unread line begins, in bytes.
    """

    def __init__(self, path: Path, position: int = 0) -> None:
        self.path, self.position = path, position

    def new(self) -> list[Event]:
        """The events that were added since the last call. Raises DescendError where a line is damaged."""
        data = self._unread()
        whole = data[: _whole_lines(data)]
        found = [self._event(line) for line in whole.split(b"\n")[:-1]]
        self.position += len(whole)
        return found

    def _unread(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(self.position)
                return file.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise DescendError(f"the events in {self.path} cannot be read", given=str(error)) from error

    def _event(self, line: bytes) -> Event:
        try:
            return from_json(line)
        except DescendError as error:
            raise DescendError(
                f"the events in {self.path} are damaged",
                given=f"{line[:80]!r} somewhere after byte {self.position}",
                needed="one event in JSON on every line",
                fix="remove that line; checkpoints do not depend on it",
            ) from error


def read(path: Path) -> list[Event]:
    """All events recorded in a file, in order; none where it does not exist. A torn last line is left out."""
    return Tail(path).new()


def end(path: Path) -> int:
    """Where the next event will begin, in bytes: after the last whole line."""
    return _whole_lines(path.read_bytes()) if path.exists() else 0


def _whole_lines(data: bytes) -> int:
    return data.rfind(b"\n") + 1
