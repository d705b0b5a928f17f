"""Numbers that are worked out rather than trained: a job with a start, an end, and no steps between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass

from descend.train.events import Done, Event, Start
from descend.train.runs import Run


@dataclass(frozen=True)
class Demonstration:
    """A job whose result is what `values` returns: published numbers by name."""

    values: Callable[[], Mapping[str, float]]

    def events(self, run: Run | None = None) -> Iterator[Event]:
        """Start and Done, recorded in `run` where one is given."""
        with run.writing() if run else nullcontext() as journal:
            for event in self._events():
                if journal:
                    journal.record(event)
                yield event

    def _events(self) -> Iterator[Event]:
        yield Start(epochs=0, steps_per_epoch=0)
        began = time.perf_counter()
        metrics = {name: float(value) for name, value in self.values().items()}
        yield Done(metrics, time.perf_counter() - began)
