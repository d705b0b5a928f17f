"""The learner's folder: a file for each exercise, a README, and the progress."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from descend.engine.errors import DescendError
from descend.guide import progress
from descend.guide.checker import fingerprint, read_source
from descend.guide.exercise import Exercise
from descend.guide.progress import Progress, Standing
from descend.guide.registry import exercises

_README = """\
# Your parts of the framework

Every .py file here is an exercise. Write the function that it asks for, then:

    descend check update        is it right? (the name or the number of the exercise)
    descend hint update         a hint for what the last check found, one step at a time
    descend train digits-mlp --with DIR
                                train with your functions, those that have passed, in place of the
                                framework's own; DIR is this folder

`progress.json` says how far you are. Nothing here is ever overwritten by descend: `descend init` only adds
what is missing. To begin an exercise anew, rename its file and run `descend init` again.
"""


@dataclass(frozen=True)
class Made:
    """What `init` did: the files written now, and those that were there and were left alone."""

    directory: Path
    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    notice: str = ""


@dataclass(frozen=True)
class Override:
    """A learner's function that can take the place of a part of the framework.

    Args:
        symbol: the part: "optim.sgd.update".
        file: the learner's file.
        function: the name of the function in it.
        exercise: the name of the exercise.
        passed: whether the file, as it is now, is the one that passed.
        reason: why not, "" where it passed.
        fingerprint: SHA-256 of the file's text, "" where it is missing.
    """

    symbol: str
    file: Path
    function: str
    exercise: str
    passed: bool
    reason: str
    fingerprint: str


def init(directory: Path) -> Made:
    """Make the learner's folder, or add to it what is missing. A file that is there is never overwritten.

    Raises:
        DescendError: the directory cannot be made or written to.
    """
    files = {"README.md": _README, **{e.filename: e.skeleton for e in exercises()}}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        new = {name: _written(directory / name, text) for name, text in files.items()}
    except FileExistsError:
        raise DescendError(
            f"{directory} is a file.", needed="a directory, or a name that is still free", fix="name another"
        ) from None
    except OSError as error:
        fix = "name a directory that you may write to"
        raise DescendError(f"{directory} cannot be written.", given=str(error), fix=fix) from error
    kept = progress.change(directory, lambda before: before)
    return Made(
        directory,
        tuple(directory / name for name in files if new[name]),
        tuple(directory / name for name in files if not new[name]),
        kept.notice,
    )


def statement(exercise: Exercise, directory: Path) -> str:
    """The statement of an exercise, whose commands name the learner's own folder: they work wherever they are typed."""
    return exercise.statement.replace("--with answers", shlex.join(["--with", str(directory.resolve())]))


def overrides(directory: Path) -> list[Override]:
    """What the learner's folder can put in the place of the framework's parts, passed or not.

    Raises:
        DescendError: the directory is missing or holds no exercise.
    """
    if not directory.is_dir():
        raise DescendError(
            f"There is no directory {directory}.",
            needed="the folder with your exercises",
            fix=f"descend init {directory}",
        )
    if not any((directory / e.filename).exists() for e in exercises()):
        raise DescendError(
            f"{directory} holds no exercise.",
            needed=f"files such as {exercises()[0].filename}",
            fix=f"descend init {directory}",
        )
    known = progress.read(directory)
    return [_override(directory, exercise, known) for exercise in exercises()]


def passed_overrides(directory: Path) -> list[Override]:
    """The learner's functions to train with: those that passed and are as they were then.

    Raises:
        DescendError: none has passed, or one that had passed is missing or has been changed since.
    """
    found = overrides(directory)
    known = progress.read(directory)
    lost = [one for one in found if not one.passed and known.of(one.exercise).passed]
    ready = [one for one in found if one.passed]
    if lost or not ready:
        raise _not_ready(lost or found)
    return ready


def _written(path: Path, text: str) -> bool:
    """Write a file that is not there yet; whether it was not."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError:
        # Half a skeleton would be taken for the learner's own the next time.
        path.unlink(missing_ok=True)
        raise
    return True


def _override(directory: Path, exercise: Exercise, known: Progress) -> Override:
    file, face = directory / exercise.filename, exercise.interface
    now = fingerprint(read_source(file)) if file.exists() else ""
    reason = _reason(known.of(exercise.name), now)
    return Override(face.symbol, file, face.function, exercise.name, not reason, reason, now)


def _reason(standing: Standing, now: str) -> str:
    """Why a file cannot be trained with, "" where it can."""
    if not now:
        return "the file is missing"
    if standing.passed == now:
        return ""
    if standing.passed:
        return "it has been changed since it passed"
    if standing.checks:
        return "it did not pass its last check, which says why"
    return "it has not been checked yet"


def _not_ready(found: list[Override]) -> DescendError:
    told = "; ".join(f"{one.file.name}: {one.reason}" for one in found)
    first = found[0]
    return DescendError(
        "Your code is not ready to train with.",
        given=told,
        needed="files that have passed their check",
        fix=shlex.join(["descend", "check", first.exercise, "--dir", str(first.file.resolve().parent)]),
    )
