"""What ties a trainer to the folder of its run: resuming, saving, and doing as it is asked."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from descend.engine.errors import UsageError
from descend.train import events, fingerprint
from descend.train.checkpoint import Checkpoints
from descend.train.control import POLL, Request
from descend.train.diff import differences
from descend.train.events import Done, Event, Paused, Resumed
from descend.train.journal import Journal
from descend.train.position import Position, collect, restore
from descend.train.runs import Run

if TYPE_CHECKING:
    from descend.train.trainer import Trainer


@dataclass(frozen=True)
class Saving:
    """When checkpoints are saved besides the end of every epoch, a pause and a stop.

    Attributes:
        steps: after so many steps, or None.
        seconds: after so much time, or None.
    """

    steps: int | None = None
    seconds: float | None = 30.0

    def __post_init__(self) -> None:
        if (self.steps is not None and self.steps < 1) or (self.seconds is not None and self.seconds < 0):
            raise UsageError("checkpoints need a distance", given=repr(self), needed="steps >= 1, seconds >= 0")


class Recording:
    """One process's stay with a run: it holds the lock."""

    def __init__(self, trainer: Trainer, run: Run, journal: Journal, saving: Saving) -> None:
        self.trainer, self.run, self.journal, self.saving = trainer, run, journal, saving
        self.checkpoints = Checkpoints(run.path / "checkpoints")
        self.wish = run.requested()
        happened = run.events()
        self.begun = bool(happened)
        self.end = happened[-1] if happened and isinstance(happened[-1], Done) else None
        self._saved = time.monotonic()

    def resume(self) -> Generator[Event, None, Position]:
        """Restore the newest whole checkpoint, and tell what has changed. Returns where training stands."""
        newest, damaged = self.checkpoints.newest()
        for message in damaged:
            yield events.Warning("checkpoint", f"an older checkpoint is used: {message}")
        if damaged:
            self.checkpoints.set_aside()
        position = restore(self.trainer, newest) if newest else Position()
        if self.begun:
            yield Resumed(position.step, min(position.epoch + 1, self.trainer.epochs))
            yield from self._changes()
        return position

    def after_step(self, position: Position) -> Generator[Event, None, bool]:
        """Save if it is time to, wait while a pause is asked for. Returns whether to stop."""
        wish = self.wish()
        if wish != "run" or self._due(position):
            self.save(position)
        return (yield from self._obey(wish, position))

    def obey(self, position: Position) -> Generator[Event, None, bool]:
        """The same right after a checkpoint, when there is nothing new to save."""
        return (yield from self._obey(self.wish(), position))

    def save(self, position: Position) -> None:
        """Save a checkpoint. The events that it takes for granted are on the disk first."""
        position.read_clock()
        arrays, meta = collect(self.trainer, position)
        self.journal.sync()
        self.checkpoints.save(position.step, arrays, meta)
        self._saved = time.monotonic()

    def _due(self, position: Position) -> bool:
        steps, seconds = self.saving.steps, self.saving.seconds
        by_steps = steps is not None and position.step % steps == 0
        return by_steps or (seconds is not None and time.monotonic() - self._saved >= seconds)

    def _obey(self, wish: Request, position: Position) -> Generator[Event, None, bool]:
        if wish == "pause":
            wish = yield from self._pause(position)
        if wish == "stop":
            # Obeyed once: whoever goes on with this run later does not want to stop again.
            self.run.request("run")
        return wish == "stop"

    def _pause(self, position: Position) -> Generator[Event, None, Request]:
        yield Paused(position.step)
        while (wish := self.wish()) == "pause":
            time.sleep(POLL)
        position.restart_clock()
        if wish == "run":
            yield Resumed(position.step, position.epoch + 1)
        return wish

    def _changes(self) -> Iterator[Event]:
        then = self.run.info.environment | {"code": self.run.info.code or fingerprint.code()}
        now = fingerprint.environment() | {"code": fingerprint.code()}
        changed = [d for d in differences(then, now) if None not in (d.a, d.b)]
        if changed:
            what = ", ".join(f"{d.name} was {d.a:.40}, is {d.b:.40}" for d in changed)
            message = f"the result may differ in its last bits from that of an uninterrupted run: {what}"
            yield events.Warning("environment", message)
