"""Watching a run that another process trains."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from descend.train import events
from descend.train.events import Done, Event, Failed
from descend.train.journal import Tail
from descend.train.runs import Run

PATIENCE = 10.0  # seconds that a run may take until its writer first appears


def follow(run: Run, *, start: int = 0, alive: Callable[[], bool] | None = None, poll: float = 0.1) -> Iterator[Event]:
    """Yield the events of a run as its process records them, and end when that process does.

    The last event is `Done` or `Failed`; where the process died without a word it is a `Warning` with the
    topic "interrupted", which says how to go on.

    Args:
        start: byte position to begin at, from `Run.position`; 0 gives the past first.
        alive: whether the writer still lives; by default whether somebody holds the run's lock, with ten
            seconds of patience for the first time.
        poll: seconds between two looks.
    """
    tail, writing = Tail(run.events_path, start), alive or (lambda: run.writer() is not None)
    deadline = 0.0 if alive else time.monotonic() + PATIENCE
    ended = False
    while True:
        # Asked before reading: what a writer recorded before it died is then read in any case.
        living = writing()
        for event in tail.new():
            ended = isinstance(event, Done | Failed)
            yield event
        if living:
            deadline = 0.0
        elif ended or time.monotonic() >= deadline:
            break
        time.sleep(poll)
    if not ended:
        message = f"{run.name} ended before it was done; descend train --resume {run.name} goes on with it"
        yield events.Warning("interrupted", message)
