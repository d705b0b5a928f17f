"""What an exercise is: a folder that says it, with its check, its wrong answers and its right ones.

    exercise.toml   title, stars, function, symbol, library, hints
    statement.md    the problem, in Markdown with mathematics
    skeleton.py     what the learner's file starts as
    check.py        PROPERTIES: functions of (the learner's function, a random generator) that return a
                    diagnosis or None; they are tried in order and the first diagnosis ends the check
    mutants.py      wrong answers in cells, each headed by the diagnosis that it must get
    solutions.py    right answers in cells

A cell starts at a line `# %% name: what it does`; the imports above the first cell belong to every cell.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descend.engine.errors import DescendError
from descend.guide.interface import Interface

_FOLDER_NAME = re.compile(r"e(\d\d)_([a-z][a-z0-9_]*)")
_CELL = re.compile(r"^# %% ([a-z0-9_]+): (.+)\n", re.MULTILINE)
_SIGNATURE = re.compile(r"([a-z_]\w*)\(([\w, ]+)\)")
# Notes to the linters of this project; they mean nothing to the learner.
_LINTER_NOTE = re.compile(r"^# (?:ruff|mypy): .*\n+", re.MULTILINE)
_DOCSTRING = re.compile(r'\A""".*?"""\n', re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """One answer: a mutant is named for the diagnosis it must get, a solution for its form."""

    name: str
    about: str
    source: str


@dataclass(frozen=True)
class Exercise:
    """An exercise. `hints` maps a diagnosis to its hints in steps; "start" serves those that have none."""

    folder: Path
    number: int
    name: str
    title: str
    stars: int
    interface: Interface
    hints: Mapping[str, tuple[str, ...]]

    @property
    def filename(self) -> str:
        """The learner's file: "00_update.py"."""
        return f"{self.number:02d}_{self.name}.py"

    @property
    def statement(self) -> str:
        """The problem: Markdown, mathematics between dollar signs."""
        return self._text("statement.md")

    @property
    def skeleton(self) -> str:
        """What the learner's file starts as."""
        return _LINTER_NOTE.sub("", self._text("skeleton.py"))

    @property
    def mutants(self) -> tuple[Cell, ...]:
        """Wrong answers, each to be refused with the diagnosis that it is named for."""
        return tuple(cells(self._text("mutants.py")))

    @property
    def solutions(self) -> tuple[Cell, ...]:
        """Right answers of different forms."""
        return tuple(cells(self._text("solutions.py")))

    @property
    def check_module(self) -> str:
        """The module with the PROPERTIES that a right answer has."""
        return f"descend.guide.exercises.{self.folder.name}.check"

    def hints_for(self, diagnosis: str | None) -> tuple[str, ...]:
        """The hints for a diagnosis, the mildest first."""
        return self.hints.get(diagnosis or "start", self.hints["start"])

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def cells(text: str) -> Iterator[Cell]:
    """The cells of a file, each with what stands above the first one but for the docstring."""
    above, *rest = _CELL.split(_LINTER_NOTE.sub("", text))
    above = _DOCSTRING.sub("", above)
    for name, about, body in zip(rest[0::3], rest[1::3], rest[2::3]):
        yield Cell(name, about.strip(), f"{above.strip()}\n\n{body.strip()}\n".lstrip())


def load(folder: Path) -> Exercise:
    """Read the exercise in a folder.

    Raises:
        DescendError: the folder's name, its exercise.toml or a field of it is missing or wrong.
    """
    named = _FOLDER_NAME.fullmatch(folder.name)
    if not named:
        raise _broken(folder, f"the folder is called {folder.name!r}", "a name such as e07_softmax")
    try:
        facts = tomllib.loads((folder / "exercise.toml").read_text(encoding="utf-8"))
        title, stars = facts["title"], facts["stars"]
        return Exercise(folder, int(named[1]), named[2], title, stars, _interface(facts), _hints(facts))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise _broken(folder, f"exercise.toml: {error}", "a TOML file") from error
    except KeyError as error:
        raise _broken(folder, f"exercise.toml has no {error.args[0]!r}", "the field") from error


def _interface(facts: Mapping[str, Any]) -> Interface:
    signature = _SIGNATURE.fullmatch(facts["function"])
    if not signature:
        raise KeyError("function = name(parameters)")
    parameters = tuple(name.strip() for name in signature[2].split(","))
    imports = tuple(facts.get("imports", ["numpy"]))
    return Interface(signature[1], parameters, facts["symbol"], facts["library"], imports)


def _hints(facts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    hints = {diagnosis: tuple(steps) for diagnosis, steps in facts["hints"].items()}
    if "start" not in hints:
        raise KeyError("hints.start")
    return hints


def _broken(folder: Path, given: str, needed: str) -> DescendError:
    return DescendError(f"The exercise in {folder} cannot be read.", given=given, needed=needed)
