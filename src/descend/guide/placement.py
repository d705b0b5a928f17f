"""Five predictions for readers who know something already: the first that is wrong says where to begin."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from descend.guide.sections import sections

_FILE = Path(__file__).parent / "placement.toml"


@dataclass(frozen=True)
class Question:
    """A prediction to make: `ask`, `options` and `why` are Markdown, `right` counts the options from 0."""

    id: str
    section: str
    ask: str
    options: tuple[str, ...]
    right: int
    why: str


@cache
def questions() -> tuple[Question, ...]:
    """The five, in the order of their sections."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["question"]
    return tuple(Question(**{**row, "options": tuple(row["options"])}) for row in rows)


def place(chosen: Mapping[str, int]) -> str | None:
    """The section to begin with: that of the first wrong prediction, the one after all of them where none is.

    Args:
        chosen: the option by the question's id. None where a question before the first wrong one is still open.
    """
    for question in questions():
        if question.id not in chosen:
            return None
        if chosen[question.id] != question.right:
            return question.section
    order = [one.id for one in sections()]
    return order[order.index(questions()[-1].section) + 1]
