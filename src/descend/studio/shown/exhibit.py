"""A network on show: what the training thread puts there, and what pages ask of it. Both sides meet here alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from descend.engine.errors import UsageError
from descend.studio.history import History
from descend.studio.shown.curves import Means
from descend.studio.shown.declaration import MOST_METRICS
from descend.studio.shown.snapshot import STATISTICS, Named, Snapshot
from descend.studio.shown.wall import Wall
from descend.studio.traces import Trace

PATIENCE = 10.0  # seconds without a page after which a pause ends
PREFIX = "my-"
_FAREWELL = 1.0  # seconds for the pages to have heard that the program ends
_LOOK = 0.25  # seconds between two looks of a thread that waits
_MOST = 6  # networks that are kept; the oldest that have ended go
_MOVED = STATISTICS.index("moved")
_LOGARITHMIC = ("norm", "gradient", "moved")


class Page(Protocol):
    """Somebody who looks at an exhibit."""

    def changed(self, frame: bool) -> None:
        """Told from any thread that there is a new frame, or that something else is new."""

    def say(self, text: str, kind: str) -> None:
        """Told from any thread what the reader is to be told."""

    leave: Callable[[], None]  # told that the program ends


class Exhibit:
    """A network, its past, and the switches that its training listens to.

    Args:
        name: what it is called in the list. told: see `declaration.declaration`. wall: its examples.

    Attributes:
        id: its address. status: "training", "finished", "stopped" or "failed". steps: taken so far.
        playing: whether training goes on; where not, it waits in `hold`. stopping: whether it is to end.
        awaited: whether a page has just opened. waiting: whether the program only waits for its end.
    """

    def __init__(
        self, name: str, told: Mapping[str, Any], wall: Wall, layers: Named, patience: float = PATIENCE
    ) -> None:
        self.id, self.name, self.told, self.wall, self.patience = "", name, told, wall, patience
        self.status, self.steps = "training", 0
        self.playing, self.stopping, self.awaited, self.waiting = True, False, False, False
        self.losses = Means()
        self.metrics: dict[str, Means] = {}
        self.history = History()
        self.traces = [Trace(*STATISTICS) for _ in layers.names]
        self.layers = layers
        self._turn = threading.Condition()
        self._allowed = 0  # steps that may be taken in a pause
        self._pages: set[Page] = set()
        self._trouble, self._warnings = "", list[str]()
        self._moved = np.full(len(layers.names), np.nan, np.float32)

    # ------------------------------------------------------------------------- from the training thread

    @property
    def interrupted(self) -> bool:
        """Whether training is to wait, to end, or to be looked at because a page has opened."""
        return self.stopping or not self.playing or self.awaited

    def metric(self, name: str) -> Means:
        """The curve of a number that the program gives. Raises UsageError where there are too many."""
        if name not in self.metrics and len(self.metrics) >= MOST_METRICS:
            told = ", ".join(self.metrics)
            raise UsageError(f"a show has at most {MOST_METRICS} curves besides the loss", given=name, needed=told)
        return self.metrics.setdefault(name, Means())

    def put(self, frame: Snapshot) -> None:
        """A new frame."""
        with self._turn:
            self.history.add(frame)
            statistics = frame.arrays["statistics"]
            for trace, row in zip(self.traces, statistics):
                trace.add(frame.step, *map(float, row))
            # How far a step goes is not known at every look; what was known last is still worth reading.
            moved = statistics[:, _MOVED]
            np.copyto(moved, self._moved, where=np.isnan(moved))
            self._moved = moved.copy()
            self._trouble = ""
        self._tell(frame=True)

    def complain(self, trouble: str) -> None:
        """Say what went wrong in a look; the same is not said again and again."""
        if trouble != self._trouble:
            self._trouble = trouble
            for page in self.pages:
                page.say(f"The network could not be looked into: {trouble}", "error")

    def warn(self, text: str) -> None:
        """Tell every page that is open or will be."""
        if text not in self._warnings:
            self._warnings.append(text)
            for page in self.pages:
                page.say(text, "warning")

    def hold(self) -> None:
        """Wait while training is paused, until a step is allowed, or no page is open any more."""
        watched = time.monotonic()
        with self._turn:
            while not (self.playing or self.stopping or self._allowed):
                self._turn.wait(_LOOK)
                if self._pages:
                    watched = time.monotonic()
                elif time.monotonic() - watched > self.patience:
                    self.playing = True
            self._allowed = max(0, self._allowed - 1)

    def wait(self) -> None:
        """Wait until a page asks for the end."""
        self.waiting = True
        self._tell(frame=False)
        try:
            with self._turn:
                while not self.stopping:
                    self._turn.wait(_LOOK)
        finally:
            self.waiting = False

    def end(self, status: str) -> None:
        """Training is over; what was seen can be looked at as long as the program lives."""
        if self.status == "training":
            # A stop was for training; whoever waits is asked anew.
            self.status, self.stopping = status, False
            self._tell(frame=False)

    # ----------------------------------------------------------------------------------- from the pages

    @property
    def pages(self) -> tuple[Page, ...]:
        """Who looks at it now."""
        with self._turn:
            return tuple(self._pages)

    def join(self, page: Page) -> None:
        """A page opens."""
        with self._turn:
            self._pages.add(page)
            self.awaited = True
        for text in self._warnings:
            page.say(text, "warning")
        if self._trouble:
            page.say(f"The network could not be looked into: {self._trouble}", "error")

    def leave(self, page: Page) -> None:
        """A page closes; training goes on."""
        with self._turn:
            self._pages.discard(page)
            self._turn.notify_all()

    def switch(self, action: str) -> None:
        """Do "play", "pause", "step" or "stop"."""
        with self._turn:
            if action == "stop":
                self.stopping = True
            elif action == "step":
                self.playing = False
                self._allowed += 1
            else:
                self.playing = action == "play"
            self._turn.notify_all()
        self._tell(frame=False)

    def declaration(self) -> dict[str, Any]:
        """What a page is told before the first frame."""
        return {"id": self.id, "title": self.name, **self.told}

    def row(self) -> dict[str, Any]:
        """What stands in the list of networks."""
        return {"id": self.id, "name": self.name, "status": self.status, "step": self.steps, **self.told["about"]}

    def close(self) -> None:
        """The program ends: every page is told so, before its server is gone."""
        self.end("finished")
        for page in self.pages:
            page.leave()
        with self._turn:
            self._turn.wait_for(lambda: not self._pages, _FAREWELL)

    @property
    def span(self) -> tuple[int, int]:
        """The steps of the first and of the last frame."""
        with self._turn:
            return self.history.span

    def frame(self, at: float | None) -> Snapshot | None:
        """The newest frame, or that of a step of the past; None where there is none yet."""
        with self._turn:
            found = self.history.at(self.history.span[1] if at is None else at)
        return found if isinstance(found, Snapshot) else None

    def curves(self, layer: int, until: float) -> dict[str, NDArray[Any]]:
        """The curves up to a step: the loss, the program's own numbers, the layer's statistics. Shapes: (k, 2)."""
        with self._turn:
            found = {"loss": _seen(self.losses.array(), until)}
            drawn = [_seen(curve.array(), until) for curve in list(self.metrics.values())]
            traced = self.traces[layer].arrays() if self.traces else {}
        # Those that are not there are empty, and their instruments hide.
        drawn += [np.empty((0, 2))] * (MOST_METRICS - len(drawn))
        found |= {f"metric{i}": rows for i, rows in enumerate(drawn)}
        names = {"norm": "weight_norm", "gradient": "gradient_norm"}
        known = {names.get(key, key): _known(rows, key in _LOGARITHMIC) for key, rows in traced.items()}
        return found | {name: _seen(rows, until) for name, rows in known.items()}

    def _tell(self, frame: bool) -> None:
        for page in self.pages:
            page.changed(frame)


class Exhibits:
    """The networks that this program shows, by their addresses."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: dict[str, Exhibit] = {}
        self._count = 0

    def add(self, exhibit: Exhibit) -> None:
        """Give it an address and a name of its own. One of the same name that has ended makes room for it."""
        with self._lock:
            for old in [one for one in self._all.values() if one.name == exhibit.name and one.status != "training"]:
                del self._all[old.id]
            taken = {one.name for one in self._all.values()}
            exhibit.name = next(name for name in _names(exhibit.name) if name not in taken)
            self._count += 1
            exhibit.id = f"{PREFIX}{self._count}"
            self._all[exhibit.id] = exhibit
            ended = [one for one in self._all.values() if one.status != "training"]
            for old in ended[: max(0, len(self._all) - _MOST)]:
                del self._all[old.id]

    def all(self) -> list[Exhibit]:
        """Every network, the newest first."""
        with self._lock:
            return list(reversed(self._all.values()))

    def get(self, id: str) -> Exhibit | None:
        """The network at this address."""
        with self._lock:
            return self._all.get(id)


EXHIBITS = Exhibits()


def _names(name: str) -> Iterator[str]:
    """The name, then with numbers."""
    yield name
    number = 2
    while True:
        yield f"{name} {number}"
        number += 1


def _known(rows: NDArray[Any], positive: bool) -> NDArray[Any]:
    """The rows whose number is known, and above 0 where it has to be."""
    there = np.isfinite(rows[:, 1])
    return np.asarray(rows[there & (rows[:, 1] > 0)] if positive else rows[there])


def _seen(rows: NDArray[Any], until: float) -> NDArray[Any]:
    """The rows up to a step; where they only begin later, one without a number, so that the instrument stays."""
    found = rows[rows[:, 0] <= until]
    return np.asarray(found if len(found) or not len(rows) else [[until, np.nan]])
