"""The exercises in order: a folder in `exercises` is an exercise, nothing else registers it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from descend.engine.errors import UsageError, near_miss
from descend.guide.exercise import Exercise, load

_FOLDER = Path(__file__).parent / "exercises"


@cache
def exercises() -> tuple[Exercise, ...]:
    """Every exercise, by number."""
    return tuple(load(folder) for folder in sorted(_FOLDER.glob("e[0-9][0-9]_*")) if folder.is_dir())


def find(word: str | int) -> Exercise:
    """The exercise with this number, name or file: 0, "0", "update" and "my/00_update.py" are one.

    Raises:
        UsageError: there is none; the closest name is suggested.
    """
    word = Path(str(word)).name.removesuffix(".py")
    for exercise in exercises():
        names = {exercise.name, Path(exercise.filename).stem}
        if word in names or (word.isdecimal() and int(word) == exercise.number):
            return exercise
    known = [exercise.name for exercise in exercises()]
    raise UsageError(
        f"there is no exercise {word!r}",
        given=word,
        needed=f"a number or a name: {', '.join(f'{e.number} {e.name}' for e in exercises())}",
        fix=near_miss(word, known) or None,
    )
