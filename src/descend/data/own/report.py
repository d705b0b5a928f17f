"""What `descend data info PATH` says about somebody's own files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from descend.data.checks import Array
from descend.data.items import described
from descend.data.own.collected import Collected, Problem
from descend.data.own.kinds import collect

_SHOWN = 10  # classes and columns


@dataclass(frozen=True)
class Report:
    """The facts about a place, in words, and everything that is wrong with it.

    facts: by name, in the order in which people want them. counts: examples of each class. examples: how many can be
    used. problems: what keeps `load` from using the place as it is.
    """

    place: str
    facts: dict[str, str]
    counts: dict[str, int]
    examples: int
    problems: tuple[Problem, ...]


def inspect(path: str | Path) -> Report:
    """Look through a file or a folder. DataError where it cannot even be told what it holds."""
    found = collect(path)
    facts = {"kind": found.kind, "where": str(found.place)}
    if len(found) and found.x.size:
        facts |= _facts(found)
    facts["problems"] = f"{len(found.problems):,}" if found.problems else "none"
    if found.ignored:
        facts["other files"] = f"{found.ignored:,}, not used"
    return Report(str(found.place), facts, found.counts(), len(found), tuple(found.problems))


def _facts(found: Collected) -> dict[str, str]:
    facts = {"examples": f"{len(found):,}: {described(found.x)}", "values": _reach(found.x)}
    if found.classes:
        facts["classes"] = _listed([f"{name} ({n:,})" for name, n in found.counts().items()])
    elif found.y.shape[1]:
        facts["to predict"] = f"{found.y.shape[1]} number(s), {_reach(found.y)}"
    else:
        facts["classes"] = "none: nothing to predict"
    if found.columns:
        facts["columns"] = _listed(list(found.columns))
    if found.rate:
        facts["samples a second"] = f"{found.rate:,}"
    return facts | {"train + test": found.split_in_words()}


def _reach(x: Array) -> str:
    """The smallest and the largest value, and how much they vary; of texts, the number of different characters."""
    if x.dtype == object and isinstance(x[0], str):
        return f"{len(set().union(*x))} different characters"
    values = np.concatenate([item.ravel() for item in x]) if x.dtype == object else x
    return f"{values.min():g} to {values.max():g}, mean {values.mean(dtype=float):.3g}"


def _listed(names: list[str]) -> str:
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
