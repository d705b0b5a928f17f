"""Checking an answer: the learner's file against the exercise's properties, in a process of its own."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from descend.engine.errors import DescendError
from descend.guide import progress, sandbox
from descend.guide.diagnosis import Diagnosis
from descend.guide.exercise import Exercise
from descend.guide.limits import MIB, Limits
from descend.guide.progress import Progress, Standing


@dataclass(frozen=True)
class Report:
    """What a check found.

    Args:
        exercise: the exercise's name.
        passed: whether every property held.
        diagnosis: why not, None where it passed.
        held: the properties that held, a sentence each.
        hints_available: hints for this diagnosis that were not shown yet.
        printed: the beginning of what the learner's code printed.
        calls: how often their function was called.
        seconds: time that the check took.
        seed: the seed from which all random numbers came: the same seed gives the same check.
        fingerprint: SHA-256 of the source.
        notice: something else that the learner has to know, "" where there is nothing.
    """

    exercise: str
    passed: bool
    diagnosis: Diagnosis | None
    held: tuple[str, ...]
    hints_available: int
    printed: str
    calls: int
    seconds: float
    seed: int
    fingerprint: str
    notice: str = ""

    @property
    def evidence(self) -> str:
        """The concrete case behind the diagnosis, "" where there is none."""
        return self.diagnosis.evidence if self.diagnosis else ""

    def to_json(self) -> dict[str, Any]:
        """The report in JSON's types."""
        return asdict(self)


def check(exercise: Exercise, file: Path, seed: int | None = None, limits: Limits | None = None) -> Report:
    """Check a file against an exercise. The seed is drawn where none is given.

    Raises:
        DescendError: the file cannot be read, or no process can be started. A wrong answer raises nothing.
    """
    source = read_source(file)
    seed = secrets.randbelow(2**32) if seed is None else seed
    job = sandbox.Job(source, file.name, exercise.interface, exercise.check_module, seed)
    outcome = sandbox.run(job, limits)
    diagnosis = outcome.verdict.diagnosis
    return Report(
        exercise=exercise.name,
        passed=outcome.verdict.passed,
        diagnosis=diagnosis,
        held=outcome.verdict.held,
        hints_available=len(exercise.hints_for(diagnosis.name)) if diagnosis else 0,
        printed=outcome.printed,
        calls=outcome.verdict.calls,
        seconds=outcome.seconds,
        seed=seed,
        fingerprint=fingerprint(source),
    )


def check_in(directory: Path, exercise: Exercise, seed: int | None = None, limits: Limits | None = None) -> Report:
    """Check the learner's file for an exercise in their directory, and keep the result in their progress."""
    report = check(exercise, directory / exercise.filename, seed, limits)
    kept = progress.change(directory, lambda before: _counted(before, report))
    shown = kept.of(exercise.name).hints.get(report.diagnosis.name, 0) if report.diagnosis else 0
    return replace(report, hints_available=max(0, report.hints_available - shown), notice=kept.notice)


def fingerprint(source: str) -> str:
    """SHA-256 of a source, by which a file is known to be the one that passed."""
    return sha256(source.encode()).hexdigest()


def read_source(file: Path) -> str:
    """The text of a learner's file.

    Raises:
        DescendError: it is missing, no text, or far too long to be an answer.
    """
    try:
        data = file.read_bytes() if file.stat().st_size <= MIB else None
    except FileNotFoundError:
        raise DescendError(
            f"There is no file {file}.",
            needed="the file that `descend init` made",
            fix="descend init makes it anew",
        ) from None
    except OSError as error:
        raise DescendError(f"{file} cannot be read.", given=str(error)) from error
    if data is None:
        raise DescendError(f"{file} is too long for an answer.", given="more than 1 MB", needed="a few lines")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        fix = "save the file as UTF-8"
        raise DescendError(f"{file} is no UTF-8 text.", given=f"a strange byte in line {line}", fix=fix) from None


def _counted(before: Progress, report: Report) -> Progress:
    was = before.of(report.exercise)
    name = report.diagnosis.name if report.diagnosis else None
    now = replace(was, checks=was.checks + 1, diagnosis=name, seed=report.seed)
    return before.having(report.exercise, _passed(now, report) if report.passed else now)


def _passed(standing: Standing, report: Report) -> Standing:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return replace(standing, passed=report.fingerprint, passed_at=now)
