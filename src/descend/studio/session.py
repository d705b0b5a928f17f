"""A lab at work for one client: a thread that owns it, paced, paused, steered by commands.

The thread makes a frame only when the client has room for one (credit), so a slow client costs nothing and never
sees old frames one after the other: what it gets next is always the newest.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from descend.engine.errors import DescendError, UsageError
from descend.studio import recording
from descend.studio.history import History
from descend.studio.lab import Lab
from descend.studio.notebook import written
from descend.studio.pace import RATE, Pace
from descend.studio.params import is_number
from descend.studio.protocol import Command, Frame, encode, frame_of
from descend.studio.values import Value, plain

CREDIT = 2  # frames that may be on their way
BUSY = 0.8  # share of that time which may go into steps
SPEEDS = (0.01, 100.0)
_WAITING = 200  # commands that may wait; nobody clicks so fast
_UNREAD = 50  # messages that may wait
_TOLD = 0.5  # seconds between two reports of a running lab's state

_log = logging.getLogger(__name__)


class Session:
    """Runs a lab in a thread of its own.

    Args:
        make: makes the lab; called in the thread, to which everything in the lab belongs.
        wake: called from the thread whenever there is something to take.
    """

    def __init__(self, make: Callable[[], Lab], wake: Callable[[], None]) -> None:
        self._make, self._wake = make, wake
        self._turn = threading.Condition()
        self._commands: deque[Command] = deque()
        self._texts: deque[dict[str, Any]] = deque(maxlen=_UNREAD)
        self._frame: bytes | None = None
        self._credit, self._closing = CREDIT, False
        self.playing, self.speed = False, 1.0
        self._history = History()
        self._shown: Frame | None = None  # a frame of the past that is looked at
        self._seq, self._stale = 0, True
        self._due, self._told, self._pace = 0.0, 0.0, Pace()
        self.thread = threading.Thread(target=self._run, name="lab", daemon=True)

    # ----------------------------------------------------------------------- from the side of the socket

    def start(self) -> None:
        """Open the lab."""
        self.thread.start()

    def post(self, command: Command) -> None:
        """Hand over a command. Raises UsageError where too many are waiting."""
        with self._turn:
            if command.kind == "ack":
                self._credit = min(CREDIT, self._credit + 1)
                if command.data is not None:
                    self._pace.lay(command.data / 1000)
            elif len(self._commands) >= _WAITING:
                raise UsageError("the lab is busy: too many commands at once", needed="fewer commands a second")
            else:
                self._commands.append(command)
            self._turn.notify()

    def complain(self, error: DescendError) -> None:
        """Tell the client of an error."""
        with self._turn:
            self._texts.append({"error": parts(error)})
        self._wake()

    def take(self) -> tuple[list[dict[str, Any]], bytes | None]:
        """The messages and the frame that are ready to be sent."""
        with self._turn:
            texts, frame = list(self._texts), self._frame
            self._texts.clear()
            self._frame = None
        return texts, frame

    def stop(self, patience: float = 10.0) -> bool:
        """End the thread and close the lab; whether that was done in time."""
        with self._turn:
            self._closing = True
            self._turn.notify()
        self.thread.join(patience)
        return not self.thread.is_alive()

    # ------------------------------------------------------------------------------------ in the thread

    def _run(self) -> None:
        try:
            lab = self._make()
        except Exception as error:  # noqa: BLE001 - the client is told, whatever it is
            self._tell({"error": self._described(error)})
            return
        try:
            # A network that diverges is something to see, not to be warned of in the terminal.
            with np.errstate(all="ignore"):
                self._live_with(lab)
        finally:
            lab.close()

    def _live_with(self, lab: Lab) -> None:
        self.playing = lab.plays
        self._tell_state(lab)
        while not self._closing:
            self._turn_of(lab)

    def _turn_of(self, lab: Lab) -> None:
        """What waits is done, steps that are due are taken, and a frame is made where there is room for it."""
        for command in self._waiting():
            self._attempt(lab, lambda: self._obey(lab, command))  # noqa: B023 - called at once
        if self.playing:
            self._attempt(lab, lambda: self._advance(lab))
        self._report(lab)
        self._show(lab)

    def _waiting(self) -> list[Command]:
        """The commands, after waiting for one, or for the time of the next frame."""
        with self._turn:
            if not (self._commands or self._closing):
                self._turn.wait(max(0.0, self._pace.next - time.monotonic()) if self._active() else None)
            found = list(self._commands)
            self._commands.clear()
            return found

    def _active(self) -> bool:
        return self.playing or (self._stale and self._room())

    def _room(self) -> bool:
        return self._credit > 0 and self._frame is None

    def _attempt(self, lab: Lab, action: Callable[[], None]) -> None:
        """Do it; an error pauses the lab and is told, and the lab lives on."""
        try:
            action()
        except Exception as error:  # noqa: BLE001 - one bad step must not end the lab
            self.playing = False
            self._tell({"error": self._described(error)})
            self._tell_state(lab)

    def _described(self, error: Exception) -> dict[str, str | None]:
        if isinstance(error, DescendError):
            return parts(error)
        _log.exception("a lab failed", exc_info=error)
        return {"problem": f"{type(error).__name__}: {error}", "given": None, "needed": None, "fix": "reset the lab"}

    def _advance(self, lab: Lab) -> None:
        """The steps that are due since the last turn, as many as there is time for."""
        now = time.monotonic()
        if now < self._pace.next:
            return
        self._pace.passed(now)
        self._due = min(self._due + lab.rate * self.speed * RATE, 1000.0)
        while self._due >= 1 and not lab.wants_pause:
            lab.advance()
            self._due -= 1
            self._stale = True
            if time.monotonic() - now > BUSY * RATE:
                self._due = min(self._due, 1.0)
                break

    def _obey(self, lab: Lab, command: Command) -> None:
        steps = lab.steps
        match command.kind:
            case "do":
                self._do(lab, command.value, command.data)
            case "set":
                if lab.set(command.value):
                    self._begin_anew()
            case "speed":
                self.speed = min(max(command.value, SPEEDS[0]), SPEEDS[1])
            case "event":
                lab.on_event(command.value, command.data)
        if lab.steps < steps:
            self._begin_anew()  # an event may begin the lab anew too
        self._stale = True
        self._tell_state(lab)

    def _do(self, lab: Lab, action: str, value: Any) -> None:
        if action in ("record", "notebook"):
            self._keep(lab, action)
            return
        self.playing = action == "play"
        if action == "seek":
            self._look_back(lab, value)
            return
        self._shown = None
        if action == "play":
            self._pace.start(time.monotonic())
            self._due = 1.0
        elif action == "step":
            lab.advance()
        elif action == "reset":
            lab.reset()
            self._begin_anew()

    def _look_back(self, lab: Lab, step: Any) -> None:
        if not is_number(step):
            raise UsageError("no such time", given=repr(step)[:40], needed="the number of a step")
        if lab.seek(step):
            return
        found = self._history.at(step)
        self._shown = None if found is None or found.step >= self._history.span[1] else found

    def _keep(self, lab: Lab, action: str) -> None:
        """Write what was shown since the lab began to disk, or the lab as a notebook for the client to keep."""
        if lab.span:
            raise UsageError("this is a recording already")
        if action == "notebook":
            self._tell(
                {"notebook": {"name": f"{lab.id}.ipynb", "text": written(lab.title, lab.question, lab.notebook())}}
            )
            return
        name = recording.write(lab.id, lab.title, plain(lab.values()), lab.rate, self._history.frames())
        self._tell({"recorded": name})

    def _begin_anew(self) -> None:
        self._history.clear()
        self._shown = None

    # ------------------------------------------------------------------------------- what the client sees

    def _report(self, lab: Lab) -> None:
        if lab.wants_pause:
            lab.wants_pause = self.playing = False
            self._tell_state(lab)
        for message in lab.messages:
            self._tell({"message": message})
        lab.messages.clear()
        if self.playing and time.monotonic() > self._told + _TOLD:
            self._tell_state(lab)

    def _show(self, lab: Lab) -> None:
        if not (self._stale and self._room()):
            return
        try:
            frame = self._shown or self._live(lab)
        except Exception as error:  # noqa: BLE001 - told, and the lab lives on
            self._stale = self.playing = False
            self._tell({"error": self._described(error)})
            return
        self._seq += 1
        data = encode(frame, self._seq, 1000 * time.time())
        with self._turn:
            self._frame, self._stale = data, False
            self._credit -= 1
        self._wake()

    def _live(self, lab: Lab) -> Frame:
        frame = frame_of(lab.steps, lab.frame())
        self._history.add(frame)
        return frame

    def _tell_state(self, lab: Lab) -> None:
        self._told = time.monotonic()
        first, last = lab.span or self._history.span
        values: dict[str, Value] = {}
        seen = self._shown or self._history.at(last)
        if seen:
            values = dict(seen.values)
        at = self._shown.step if self._shown else lab.steps
        state = {
            "playing": self.playing,
            "speed": self.speed,
            "steps": lab.steps,
            "params": plain(lab.values()),
            "history": {"first": first, "last": max(last, lab.steps), "at": at},
            "values": values,
        }
        self._tell({"state": state})

    def _tell(self, message: dict[str, Any]) -> None:
        with self._turn:
            self._texts.append(message)
        self._wake()


def parts(error: DescendError) -> dict[str, str | None]:
    """The parts of an error, as the client shows them."""
    return {"problem": error.problem, "given": error.given, "needed": error.needed, "fix": error.fix}
