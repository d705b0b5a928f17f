"""The guide's nine sections, what there is in each, and its four courses as ways through them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "curriculum.toml"


@dataclass(frozen=True)
class Section:
    """A section: `stars` say how hard it is, 1 to 3; `text` is Markdown.

    `labs`, `exercises` and `recipes` are what there is to do in it, `to_come` what is still missing.
    """

    id: str
    title: str
    stars: int
    about: str
    text: str
    labs: tuple[str, ...]
    exercises: tuple[str, ...]
    recipes: tuple[str, ...]
    to_come: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether there is a laboratory or an exercise in it."""
        return bool(self.labs or self.exercises)

    def recipes_of(self, names: Iterable[str]) -> list[str]:
        """Those of the names that belong here."""
        return [name for name in names if any(fnmatchcase(name, pattern) for pattern in self.recipes)]


@dataclass(frozen=True)
class Course:
    """A course as a route: its own chapters in their order, each with the section it belongs to."""

    id: str
    title: str
    by: str
    year: int
    kind: str
    stars: int
    url: str
    about: str
    chapters: tuple[tuple[str, str], ...]


@cache
def sections() -> tuple[Section, ...]:
    """The nine sections, in the guide's order."""
    return tuple(Section(**_frozen(row)) for row in _rows()["section"])


@cache
def courses() -> tuple[Course, ...]:
    """The four courses, the easiest first."""
    return tuple(Course(**_frozen(row)) for row in _rows()["course"])


def section(id: str) -> Section | None:
    """The section with this id, None where there is none."""
    return next((one for one in sections() if one.id == id), None)


@cache
def _rows() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    return tuple(_tuple(value) if isinstance(value, list) else value for value in values)
