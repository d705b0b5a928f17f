"""Hints, one step at a time, for what the last check found; and where to read the solution."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from descend.engine.errors import UsageError
from descend.guide import progress
from descend.guide.exercise import Cell, Exercise
from descend.guide.progress import Progress


@dataclass(frozen=True)
class Hint:
    """A hint: step 1, 2, ... of those for a diagnosis (None before the first check).

    `repeated` says that all have been shown and this is the last one again.
    """

    text: str
    step: int
    of: int
    diagnosis: str | None
    repeated: bool = False
    notice: str = ""


@dataclass(frozen=True)
class Solution:
    """The module in which the framework does the same, and answers in several forms."""

    library: str
    answers: tuple[Cell, ...]


def hint(exercise: Exercise, directory: Path) -> Hint:
    """The next hint for the diagnosis of the last check; how many were shown is kept in the progress.

    Raises:
        UsageError: the last check passed.
    """
    given: list[Hint] = []

    def show(before: Progress) -> Progress:
        standing = before.of(exercise.name)
        if standing.checks and standing.diagnosis is None:
            raise UsageError(
                f"Exercise {exercise.number} has passed: there is nothing left to hint at.",
                fix=f"read how the framework does it: {exercise.interface.library}",
            )
        given.append(_next(exercise, before))
        key = standing.diagnosis or "start"
        hints = {**standing.hints, key: given[0].step}
        return before.having(exercise.name, replace(standing, hints=hints))

    kept = progress.change(directory, show)
    return replace(given[0], notice=kept.notice)


def solution(exercise: Exercise, directory: Path, *, anyway: bool = False) -> Solution:
    """The solution, after success or where the learner asks for it `anyway`.

    Raises:
        UsageError: the exercise has not passed.
    """
    if not anyway and progress.read(directory).of(exercise.name).passed is None:
        raise UsageError(
            f"Exercise {exercise.number} has not passed yet.",
            given="a request for its solution",
            fix=f"descend check {exercise.name}, descend hint {exercise.name}, or ask for it all the same",
        )
    return Solution(exercise.interface.library, exercise.solutions)


def _next(exercise: Exercise, before: Progress) -> Hint:
    standing = before.of(exercise.name)
    steps = exercise.hints_for(standing.diagnosis)
    shown = standing.hints.get(standing.diagnosis or "start", 0)
    step = min(shown + 1, len(steps))
    return Hint(steps[step - 1], step, len(steps), standing.diagnosis, repeated=shown >= len(steps))
