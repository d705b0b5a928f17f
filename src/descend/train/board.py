"""What a viewer knows about a run: the events so far, boiled down to the numbers worth showing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from descend.train import events
from descend.train.events import Done, Epoch, Event, Failed, Paused, Resumed, Sample, Start, Step

_RESOLUTION = 512  # points of the loss curve, at most twice as many


@dataclass
class Board:
    """Follows a stream of events. `take` every event, then read the attributes.

    Attributes:
        step, epoch: where training stands; `epoch` counts from 1 and is the one under way.
        loss: of the newest batch.
        losses: the curve of all batch losses so far, neighbours averaged where there are many.
        epochs: what was measured after each epoch.
        warnings: messages, oldest first.
        end: how it ended, None while it has not.
    """

    clock: Callable[[], float] = time.monotonic
    start: Start | None = None
    step: int = 0
    epoch: int = 0
    lr: float = 0.0
    loss: float = 0.0
    losses: list[float] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    paused: bool = False
    end: Done | Failed | None = None
    _began: tuple[float, int] | None = None
    _bunch: list[float] = field(default_factory=list)
    _stride: int = 1

    def take(self, event: Event) -> None:
        """Bring the board up to date with one event."""
        match event:
            case Start():
                self.start, self.end, self._began = event, None, None
            case Step():
                self._step(event)
            case Epoch():
                self.epochs.append(event)
                self.step, self.epoch = event.step, event.epoch
            case Resumed():
                self._resume(event)
            case events.Warning():
                self.warnings.append(event.message)
            case Paused():
                self.paused = True
            case Sample():
                self.samples.append(event)
            case Done() | Failed():
                self.end = event

    @property
    def n_steps(self) -> int:
        """Steps of the whole run; 0 before it is known."""
        return self.start.epochs * self.start.steps_per_epoch if self.start else 0

    @property
    def rate(self) -> float:
        """Steps a second since this viewer joined; 0 before two steps were seen."""
        if self._began is None:
            return 0.0
        then, first = self._began
        seconds = self.clock() - then
        return (self.step - first) / seconds if seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """The time that the rest will take at this rate, None where it cannot be told."""
        return (self.n_steps - self.step) / self.rate if self.rate > 0 and self.n_steps else None

    def _step(self, event: Step) -> None:
        self.step, self.epoch, self.lr = event.step, event.epoch, event.lr
        self.loss = event.loss
        self._extend_curve(event.loss)
        if self._began is None:
            self._began = self.clock(), event.step

    def _extend_curve(self, loss: float) -> None:
        self._bunch.append(loss)
        if len(self._bunch) == self._stride:
            self.losses.append(sum(self._bunch) / self._stride)
            self._bunch.clear()
        if len(self.losses) == 2 * _RESOLUTION:
            self.losses = [(a + b) / 2 for a, b in zip(self.losses[::2], self.losses[1::2])]
            self._stride *= 2

    def _resume(self, event: Resumed) -> None:
        self.epochs = [epoch for epoch in self.epochs if epoch.step <= event.step]
        self.step, self.epoch = event.step, event.epoch
        # Time spent in a pause, or before the process began, says nothing about speed.
        self.paused, self.end, self._began = False, None, None
