"""A page that looks at a network on show. It speaks as a `session.Session` does, but drives nothing: the program does.

What it needs of a frame is put together when the page has room for it: the layer and the example that it looks at, now
or at a time in the past.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from descend.engine.errors import DescendError, UsageError
from descend.studio.params import Choice, Int, Param, is_number
from descend.studio.protocol import Command, encode, frame_of
from descend.studio.session import CREDIT, parts
from descend.studio.shown.exhibit import Exhibit
from descend.studio.shown.panels import panels

_UNREAD = 50  # messages that may wait


class Viewer:
    """One page.

    Args:
        exhibit: what it looks at.
        wake: called from any thread whenever there is something to take. over: when the program ends.
    """

    def __init__(self, exhibit: Exhibit, wake: Callable[[], None], over: Callable[[], None]) -> None:
        self.exhibit, self.wake, self.leave = exhibit, wake, over
        self._lock = threading.Lock()
        self._texts: deque[dict[str, Any]] = deque(maxlen=_UNREAD)
        self._credit, self._seq, self._stale = CREDIT, 0, True
        self._at: float | None = None  # a step of the past that is looked at
        layer, example = exhibit.told["params"]
        self._layer = Choice(default=layer["default"], options=layer["options"], label="layer", name="layer")
        self._example = Int(default=0, low=0, high=example["high"], label="example", name="example")
        self.params: dict[str, Any] = {"layer": layer["default"], "example": 0}

    def start(self) -> None:
        """Begin to look."""
        self.exhibit.join(self)
        self.changed(frame=True)

    def stop(self) -> None:
        """Look no more; training goes on."""
        self.exhibit.leave(self)

    # ------------------------------------------------------------------------------------ from the page

    def post(self, command: Command) -> None:
        """Do what the page asks for. Raises UsageError for what cannot be done."""
        if command.kind == "ack":
            with self._lock:
                self._credit = min(CREDIT, self._credit + 1)
            self.wake()
        else:
            # Without the lock: the exhibit tells every page of what it does, this one too.
            self._obey(command)
            self.changed(frame=True)

    def complain(self, error: DescendError) -> None:
        """Tell the page of an error."""
        self._tell({"error": parts(error)})

    def _obey(self, command: Command) -> None:
        match command.kind, command.value:
            case "do", "seek":
                self._look_back(command.data)
            case "do", "reset":
                raise UsageError("your program alone can begin anew", fix="run it again")
            case "do", action:
                self._at = None
                self._switch(action)
            case "set", values:
                self._choose(values)
            case "event", "stop":
                self._switch("stop")
            case "event", "example":
                self._choose({"example": command.data})
            case kind, value:
                raise UsageError("a network on show does not do that", given=f"{kind} {value}"[:60])

    def _switch(self, action: str) -> None:
        if self.exhibit.status == "training" or (action == "stop" and self.exhibit.waiting):
            self.exhibit.switch(action)
        else:
            raise UsageError("the training has ended", given=self.exhibit.status, fix="run your program again")

    def _choose(self, values: dict[str, Any]) -> None:
        known: dict[str, Param[Any]] = {"layer": self._layer, "example": self._example}
        for name in values:
            if name not in known:
                raise UsageError(f"there is no {name[:40]!r} to choose", needed=", ".join(known))
        self.params |= {name: known[name].parse(value) for name, value in values.items()}

    def _look_back(self, step: Any) -> None:
        if not is_number(step):
            raise UsageError("no such time", given=repr(step)[:40], needed="the number of a step")
        self._at = None if step >= self.exhibit.span[1] else step

    # --------------------------------------------------------------------------------- from the exhibit

    def changed(self, frame: bool) -> None:
        """There is something new."""
        with self._lock:
            self._stale = self._stale or frame
            self._texts.append({"state": self._state()})
        self.wake()

    def say(self, text: str, kind: str) -> None:
        """Tell the reader."""
        self._tell({"message": {"kind": kind, "text": text}})

    # ------------------------------------------------------------------------------------ to the page

    def take(self) -> tuple[list[dict[str, Any]], bytes | None]:
        """The messages and the frame that are ready to be sent."""
        with self._lock:
            texts = list(self._texts)
            self._texts.clear()
            if not (self._stale and self._credit):
                return texts, None
            found = self.exhibit.frame(self._at)
            if found is None:
                return texts, None
            self._stale = False
            self._credit -= 1
            self._seq += 1
            shown = frame_of(found.step, panels(self.exhibit, found, self._place(), self.params["example"]))
            return texts, encode(shown, self._seq, 1000 * time.time())

    def _place(self) -> int:
        return self.exhibit.layers.names.index(self.params["layer"]) if self.exhibit.layers.names else 0

    def _state(self) -> dict[str, Any]:
        exhibit, found = self.exhibit, self.exhibit.frame(self._at)
        first, last = exhibit.span
        return {
            "playing": exhibit.playing and exhibit.status == "training",
            "speed": 1,
            "steps": exhibit.steps,
            "params": dict(self.params),
            "history": {"first": first, "last": last, "at": last if self._at is None or found is None else found.step},
            "values": {"status": exhibit.status, "stopping": exhibit.stopping, "waiting": exhibit.waiting},
        }

    def _tell(self, message: dict[str, Any]) -> None:
        with self._lock:
            self._texts.append(message)
        self.wake()
