"""`Doctor`: a callback that examines a training while it goes on."""

from __future__ import annotations

from collections.abc import Iterable

from descend.train import events
from descend.train.doctor import (
    batchnorm,
    dead_relu,
    exploding,
    first_loss,
    inputs,
    label_leak,
    lost,
    mode,
    overfitting,
    overlap,
    rate_high,
    rate_low,
    symmetry,
    targets,
    underfitting,
    vanishing,
)
from descend.train.doctor.case import Case
from descend.train.doctor.finding import Check, Moment
from descend.train.doctor.looking import Looking
from descend.train.events import Epoch, Event, Start, Step
from descend.train.trainer import Trainer

# Causes come before their effects: what explains another finding must have been found by then.
CHECKS: tuple[Check, ...] = (
    inputs.CHECK, targets.CHECK, label_leak.CHECK, overlap.CHECK, first_loss.CHECK, symmetry.CHECK, mode.CHECK,
    batchnorm.CHECK, dead_relu.CHECK, vanishing.CHECK, exploding.CHECK, lost.CHECK, rate_high.CHECK, rate_low.CHECK,
    overfitting.CHECK, underfitting.CHECK,
)  # fmt: skip


class Doctor:
    """Answers the events of a trainer with a `Warning` for each thing that it finds wrong, each once.

    `trainer.callbacks.append(Doctor(trainer))`, or `trainer.fit([Doctor(trainer)])`. Nothing in the training is
    changed: no weight, no buffer, no random number. A finding's topic is that of its `Check`. Where a training cannot
    be examined, such as one whose model does not give out one tensor, one warning with the topic "doctor" says why.
    """

    def __init__(self, trainer: Trainer, checks: Iterable[Check] = CHECKS) -> None:
        self.trainer, self.checks, self.beaten = trainer, tuple(checks), False
        self._begin(0)

    def __call__(self, event: Event) -> list[Event]:
        """Listen, and answer with what is found."""
        if self.beaten:
            return []
        try:
            return self._answers(event)
        except Exception as error:  # noqa: BLE001 - a training goes on, whatever its doctor cannot make of it
            self.beaten = True
            step = self.case.steps[-1].step if self.case.steps else 0
            text = f"this training cannot be examined: {_first_line(error)}"
            return [events.Warning("doctor", text, step)]

    def _answers(self, event: Event) -> list[Event]:
        match event:
            case Start():
                self._begin(event.epochs)
                return self._look_for("start", 0)
            case Step():
                self.case.steps.append(event)
                return self._look_for("look", event.step) if self.looking.after(event.step) else []
            case Epoch():
                self.case.epochs.append(event)
                found = self._look_for("epoch", event.step)
                return found + (self._look_for("end", event.step) if event.epoch == self.case.planned else [])
            case events.Warning(topic="non_finite"):
                return self._look_for("lost", event.step)
        return []

    def _begin(self, epochs: int) -> None:
        self.case, self.beaten = Case(self.trainer, epochs), False
        self.looking = Looking(self.case)

    def _look_for(self, moment: Moment, step: int) -> list[Event]:
        answers: list[Event] = []
        for check in self.checks:
            known = {check.topic, *check.unless} & set(self.case.found)
            if moment in check.when and not known:
                finding = check.find(self.case)
                if finding is not None:
                    self.case.found.append(check.topic)
                    answers.append(check.warning(finding, step))
        return answers


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
