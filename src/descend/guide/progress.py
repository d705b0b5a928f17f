"""How far the learner is: one plain-text file in their folder, for the terminal, the studio and notebooks.

It holds no code. Losing it loses nothing that a check of each file does not bring back.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from descend.disk.durable import write_file
from descend.engine.errors import DescendError

FILE = "progress.json"
_VERSION = 1
_ABOUT = "How far you are. You may edit this file, or delete it: your code is in the .py files beside it."


@dataclass(frozen=True)
class Standing:
    """How far one exercise is.

    Args:
        checks: how often it was checked.
        passed: fingerprint of the code that passed last, None where none has.
        passed_at: when that was, in UTC.
        diagnosis: what the last check said, None where it passed.
        seed: the seed of the last check.
        hints: how many hints were shown for each diagnosis.
    """

    checks: int = 0
    passed: str | None = None
    passed_at: str | None = None
    diagnosis: str | None = None
    seed: int | None = None
    hints: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """Every exercise's standing by its name, and a notice where the file had to be set aside."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    notice: str = ""

    def of(self, exercise: str) -> Standing:
        """The standing of an exercise, a new one where it was never checked."""
        return self.standings.get(exercise, Standing())

    def having(self, exercise: str, standing: Standing) -> Progress:
        """The same with another standing for one exercise."""
        return replace(self, standings={**self.standings, exercise: standing})


def read(directory: Path) -> Progress:
    """The progress kept in a directory. A damaged file is set aside, not lost, and the notice says so.

    Raises:
        DescendError: a newer version of the program wrote it, or it cannot be read.
    """
    path = directory / FILE
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return Progress()
    except OSError as error:
        raise DescendError(f"{path} cannot be read.", given=str(error)) from error
    try:
        return Progress(_standings(json.loads(text.decode("utf-8")), path))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return Progress(notice=_set_aside(path, error))


def change(directory: Path, by: Callable[[Progress], Progress]) -> Progress:
    """Read, change and write the progress, alone: whoever else does so at the same time waits."""
    with _alone(directory):
        progress = by(read(directory))
        write(directory, progress)
    return progress


def write(directory: Path, progress: Progress) -> None:
    """Write the progress: the old file or the new one is there, whole, whatever happens."""
    rows = {name: asdict(standing) for name, standing in progress.standings.items()}
    text = json.dumps({"about": _ABOUT, "version": _VERSION, "exercises": rows}, indent=2)
    try:
        write_file(directory / FILE, f"{text}\n".encode())
    except DescendError as error:
        fix = f"make room in {directory}, or make it writable; your code is safe"
        raise DescendError(error.problem, given=error.given, fix=fix) from error


def _standings(row: Any, path: Path) -> dict[str, Standing]:
    if row["version"] > _VERSION:
        raise DescendError(
            f"{path} was written by a newer version of descend.",
            given=f"version {row['version']}",
            needed=f"version {_VERSION} at most",
            fix="install the newer version again",
        )
    return {name: _standing(fields) for name, fields in row["exercises"].items()}


def _standing(fields: Any) -> Standing:
    standing = Standing(**fields)
    kinds: tuple[tuple[Any, type], ...] = (
        (standing.checks, int),
        (standing.passed or "", str),
        (standing.passed_at or "", str),
        (standing.diagnosis or "", str),
        (standing.seed or 0, int),
        (standing.hints, dict),
    )
    if not all(isinstance(value, kind) for value, kind in kinds):
        raise TypeError("a field of the wrong type")
    if not all(isinstance(shown, int) for shown in standing.hints.values()):
        raise TypeError("hints are counts")
    return standing


def _set_aside(path: Path, error: Exception) -> str:
    number = next(n for n in range(1, 10_000) if not path.with_name(f"progress.damaged-{n}.json").exists())
    kept = path.with_name(f"progress.damaged-{number}.json")
    try:
        path.replace(kept)
    except OSError as refused:
        raise DescendError(f"{path} is damaged and cannot be set aside.", given=str(refused)) from error
    return (
        f"{path.name} was damaged ({type(error).__name__}: {error}). It is kept as {kept.name} and a new one "
        "is begun. Your code is untouched; check your files again to have them counted."
    )


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    # The lock is on the folder itself: no lock file lies about in it, and a killed process holds none.
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        fix = f"descend init {directory}"
        raise DescendError(f"{directory} cannot be opened.", given=str(error), fix=fix) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
