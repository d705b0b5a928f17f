"""What an exercise lacks before a learner may see it: the rules that the tests hold every exercise to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from descend.guide.exercise import Cell, Exercise
from descend.guide.trial import Property, trial

_FEWEST_DIAGNOSES = 5
_FEWEST_SOLUTIONS = 2
_FEWEST_HINTS = 2
_WORDS = range(150, 251)


def faults(exercise: Exercise, properties: Sequence[Property], seeds: Sequence[int]) -> list[str]:
    """Every rule that an exercise breaks, a sentence each; the random ones are tried with each seed."""
    return [
        *_too_few(exercise),
        *_hintless(exercise),
        *_badly_stated(exercise),
        *_leaks(exercise),
        *_misjudged(exercise, properties, seeds),
        *_idle(exercise, properties, seeds[0]),
    ]


def _too_few(exercise: Exercise) -> Iterator[str]:
    diagnoses = {mutant.name for mutant in exercise.mutants}
    if len(diagnoses) < _FEWEST_DIAGNOSES:
        yield f"its wrong answers have {len(diagnoses)} different diagnoses, fewer than {_FEWEST_DIAGNOSES}"
    forms = {ast.dump(ast.parse(solution.source)) for solution in exercise.solutions}
    if len(forms) < _FEWEST_SOLUTIONS:
        yield f"it has {len(forms)} different right answers, fewer than {_FEWEST_SOLUTIONS}"


def _hintless(exercise: Exercise) -> Iterator[str]:
    diagnoses = {mutant.name for mutant in exercise.mutants}
    for name, steps in exercise.hints.items():
        if len(steps) < _FEWEST_HINTS or not all(step.strip() for step in steps):
            yield f"the hints for {name!r} are fewer than {_FEWEST_HINTS}, or empty"
        if name not in {"start", *diagnoses}:
            yield f"there are hints for {name!r}, and no wrong answer gets that diagnosis"
    for name in sorted(diagnoses - set(exercise.hints)):
        yield f"the diagnosis {name!r} has no hints"


def _badly_stated(exercise: Exercise) -> Iterator[str]:
    words = len(exercise.statement.split())
    if words not in _WORDS:
        yield f"its statement has {words} words, needed are {_WORDS.start} to {_WORDS.stop - 1}"
    if "$$" not in exercise.statement:
        yield "its statement has no formula"
    if f"`{exercise.interface.signature}`" not in exercise.statement:
        yield f"its statement does not say that `{exercise.interface.signature}` is asked for"


def _leaks(exercise: Exercise) -> Iterator[str]:
    texts = {
        "statement": exercise.statement,
        "skeleton": exercise.skeleton,
        "hints": "\n".join(step for steps in exercise.hints.values() for step in steps),
    }
    for solution in exercise.solutions:
        for answer in _answers(solution):
            for where, text in texts.items():
                if _bare(answer) in _bare(text):
                    yield f"its {where} contains the line of a solution: {answer}"


def _answers(solution: Cell) -> Iterator[str]:
    """The expressions in which a solution's work is done."""
    for node in ast.walk(ast.parse(solution.source)):
        if isinstance(node, (ast.Return, ast.Assign, ast.AugAssign)) and isinstance(node.value, (ast.BinOp, ast.Call)):
            yield ast.unparse(node.value)
        if isinstance(node, ast.Lambda):
            yield ast.unparse(node.body)


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _misjudged(exercise: Exercise, properties: Sequence[Property], seeds: Sequence[int]) -> Iterator[str]:
    for seed in seeds:
        for mutant in exercise.mutants:
            found = _diagnosis(exercise, mutant.source, properties, seed)
            if found != mutant.name:
                yield f"seed {seed}: the answer that {mutant.about!r} gets {found}, not {mutant.name}"
        for solution in exercise.solutions:
            found = _diagnosis(exercise, solution.source, properties, seed)
            if found:
                yield f"seed {seed}: the right answer {solution.name!r} is refused as {found}"
        if _diagnosis(exercise, exercise.skeleton, properties, seed) != "not_started":
            yield f"seed {seed}: the skeleton is not told that nothing is written yet"


def _idle(exercise: Exercise, properties: Sequence[Property], seed: int) -> Iterator[str]:
    """Properties that are the first to refuse nothing: they are superfluous, or a wrong answer is missing."""
    face = exercise.interface
    trials = [trial(mutant.source, exercise.filename, face, properties, seed) for mutant in exercise.mutants]
    refused = {len(verdict.held) for verdict in trials if not verdict.passed}
    for index, property_ in enumerate(properties):
        if index not in refused:
            yield f"no wrong answer is refused by the property {getattr(property_, '__name__', index)}"


def _diagnosis(exercise: Exercise, source: str, properties: Sequence[Property], seed: int) -> str | None:
    verdict = trial(source, exercise.filename, exercise.interface, properties, seed)
    return verdict.diagnosis.name if verdict.diagnosis else None
