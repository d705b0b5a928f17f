"""The exercises over HTTP: the same files, checks and progress as in the terminal."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from descend.disk.durable import write_file
from descend.engine.errors import UsageError
from descend.guide import checker, hints, progress, registry
from descend.guide.exercise import Exercise
from descend.guide.progress import Standing
from descend.guide.workspace import init, statement
from descend.studio.prose import render
from descend.studio.workspace import found


class Desk:
    """The learner's exercises in one folder.

    Args:
        directory: the folder; by default the one that is found.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._alone = threading.Lock()

    @property
    def directory(self) -> Path:
        """The learner's folder, which need not be there yet."""
        return found(self._directory)

    def all(self) -> list[dict[str, Any]]:
        """Every exercise in short."""
        known = progress.read(self.directory)
        return [self._short(one, known.of(one.name)) for one in registry.exercises()]

    def one(self, id: str) -> dict[str, Any]:
        """An exercise with its statement, and the learner's code."""
        exercise = registry.find(id)
        standing = progress.read(self.directory).of(exercise.name)
        return {
            **self._short(exercise, standing),
            "statement_html": render(statement(exercise, self.directory)),
            "skeleton": exercise.skeleton,
            "code": self._code(exercise),
            "file": str((self.directory / exercise.filename).resolve()),
            "signature": exercise.interface.signature,
            "hints_shown": _shown(exercise, standing),
        }

    def check(self, body: dict[str, Any], id: str) -> dict[str, Any]:
        """Save the code and check it."""
        exercise, code = registry.find(id), _text(body)
        # One check at a time: two would take each other's processor, and the clock is part of the check.
        with self._alone:
            write_file(self._ready() / exercise.filename, code.encode())
            report = checker.check_in(self.directory, exercise)
        return {
            "passed": report.passed,
            "diagnosis": report.diagnosis.name if report.diagnosis else None,
            "problem": report.diagnosis.message if report.diagnosis else None,
            "evidence": report.evidence,
            "held": report.held,
            "printed": report.printed,
            "seconds": report.seconds,
            "seed": report.seed,
            "hints_available": report.hints_available,
            "notice": report.notice,
        }

    def hint(self, body: dict[str, Any], id: str) -> dict[str, Any]:
        """The next hint for what the last check found."""
        del body
        self._ready()
        given = hints.hint(registry.find(id), self.directory)
        return {"hint": given.text, "left": given.of - given.step, "step": given.step, "of": given.of}

    def reset(self, body: dict[str, Any], id: str) -> dict[str, Any]:
        """Begin anew; what was there is kept under another name."""
        del body
        exercise = registry.find(id)
        with self._alone:
            file = self._ready() / exercise.filename
            kept = _set_aside(file, exercise.skeleton)
            write_file(file, exercise.skeleton.encode())
        return {"code": exercise.skeleton, "kept": kept}

    def _short(self, exercise: Exercise, standing: Standing) -> dict[str, Any]:
        return {
            "id": f"{exercise.number:02d}",
            "name": exercise.name,
            "title": exercise.title,
            "stars": exercise.stars,
            "passed": standing.passed is not None and standing.passed == self._fingerprint(exercise),
            "checks": standing.checks,
        }

    def _fingerprint(self, exercise: Exercise) -> str | None:
        file = self.directory / exercise.filename
        return checker.fingerprint(checker.read_source(file)) if file.is_file() else None

    def _code(self, exercise: Exercise) -> str:
        file = self.directory / exercise.filename
        return checker.read_source(file) if file.is_file() else exercise.skeleton

    def _ready(self) -> Path:
        """The learner's folder, made where it is missing."""
        return init(self.directory).directory


def _text(body: dict[str, Any]) -> str:
    code = body.get("code")
    if not isinstance(code, str):
        raise UsageError("there is no code to check", given=str(code)[:60], needed='{"code": "..."}')
    return code


def _shown(exercise: Exercise, standing: Standing) -> list[str]:
    """The hints that were shown for what the last check found."""
    count = standing.hints.get(standing.diagnosis or "start", 0)
    return list(exercise.hints_for(standing.diagnosis)[:count])


def _set_aside(file: Path, skeleton: str) -> str | None:
    """Keep a file as a numbered copy; its name, None where there was nothing to keep."""
    if not file.is_file() or checker.read_source(file) == skeleton:
        return None
    names = (file.with_name(f"{file.stem}.{number}.py") for number in range(1, 10_000))
    kept = next(name for name in names if not name.exists())
    file.replace(kept)
    return kept.name
