"""What the doctor finds, and what looks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from descend.train import events

if TYPE_CHECKING:
    from descend.train.doctor.case import Case

Moment = Literal["start", "look", "epoch", "end", "lost"]


@dataclass(frozen=True)
class Finding:
    """Something that is wrong: what was measured, and what mends it."""

    evidence: str
    remedy: str


@dataclass(frozen=True)
class Check:
    """One finding that is looked for.

    Attributes:
        topic: the word for programs, unique. name: the words for people.
        when: at the start of a training, when the doctor looks (often at first, rarer later), after every epoch, after
            the last one, or when the loss is no number any more.
        find: from the case to the finding, None where there is nothing wrong.
        unless: topics that explain this one; where one of them was found, it is not looked for.
    """

    topic: str
    name: str
    when: tuple[Moment, ...]
    find: Callable[[Case], Finding | None]
    unless: tuple[str, ...] = ()

    def warning(self, finding: Finding, step: int) -> events.Warning:
        """The finding as an event."""
        return events.Warning(self.topic, f"{self.name}: {finding.evidence}. Remedy: {finding.remedy}", step)
