"""Looking into the folder of a run, again and again, for what is new."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from descend.train.events import Event, Resumed, Start, Step
from descend.train.journal import Tail
from descend.train.runs import Run

STEPS = 1000  # Step events that are told of a run's past


class Following:
    """What happens in a run, in rows of JSON. Raises DescendError where there is no such run."""

    def __init__(self, name: str) -> None:
        self.run = Run.open(plain_name(name))
        self._tail = Tail(self.run.events_path, self.run.position())
        self._past: list[Event] | None = self.run.events()
        self._state = ""

    def news(self) -> dict[str, Any] | None:
        """What is new since the last call: {"events": rows, "state": where it changed}; None where nothing is.

        Where a run begins anew or goes on from a checkpoint, `whole` says that the rows are all that counts.
        Raises UsageError where the run has been deleted.
        """
        if not self.run.path.is_dir():
            plain_name(self.run.name)
        events, whole = self._new()
        state = self.run.status() if events or self._state in ("", "running", "new") else self._state
        told: dict[str, Any] = {}
        if events or whole:
            told = {"events": rows(events), "whole": whole}
        if state != self._state:
            told |= {"events": told.get("events", []), "state": state}
            self._state = state
        return told or None

    def _new(self) -> tuple[Sequence[Event], bool]:
        if self._past is not None:
            past, self._past = self._past, None
            return thinned(past), True
        found = self._tail.new()
        if any(isinstance(event, Resumed | Start) for event in found):
            return thinned(self.run.events()), True
        return found, False


def plain_name(name: str) -> str:
    """The name of a run in the folder of runs, never a path. Raises UsageError."""
    from descend.engine.errors import UsageError
    from descend.train.runs import run_folders

    if name not in {folder.name for folder in run_folders()}:
        raise UsageError(f"there is no run {name[:60]!r}", fix="descend runs lists them")
    return name


def thinned(events: Sequence[Event], most: int = STEPS) -> list[Event]:
    """The events with at most `most` steps among them, evenly spread, the last one kept."""
    steps = [event for event in events if isinstance(event, Step)]
    if len(steps) <= most:
        return list(events)
    kept = {id(steps[round(i * (len(steps) - 1) / (most - 1))]) for i in range(most)}
    return [event for event in events if not isinstance(event, Step) or id(event) in kept]


def rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The events as rows of JSON."""
    return [json.loads(event.to_json()) for event in events]
