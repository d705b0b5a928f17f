"""The labs: a file each. The first line of a file's docstring is its title and its question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from descend.studio.lab import Lab

ORDER = ("home", "downhill", "playground", "digit")
"""The labs in the order in which they are met."""

_HEAD = re.compile(r'\A"""([^:\n]+): ([^\n]+?)(?:"""|\n)')


@dataclass(frozen=True)
class Listing:
    """A lab as it stands in the list. Read from the file's text, so that the list costs no import."""

    id: str
    title: str
    question: str


def listings() -> list[Listing]:
    """Every lab, in order."""
    return [_listing(name) for name in ORDER]


def get(name: str) -> type[Lab]:
    """The lab called `name`.

    Raises:
        UsageError: there is none.
    """
    if name not in ORDER:
        # The errors live in the engine, and the engine imports NumPy.
        from descend.engine.errors import UsageError, near_miss

        fix = near_miss(name, ORDER) or None
        raise UsageError(f"there is no lab {name[:40]!r}", needed=f"one of {', '.join(ORDER)}", fix=fix)
    lab: type[Lab] = import_module(f"descend.studio.labs.{name}").LAB
    listing = _listing(name)
    lab.title, lab.question = listing.title, listing.question
    return lab


def _listing(name: str) -> Listing:
    text = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    head = _HEAD.match(text)
    return Listing(name, head[1], head[2]) if head else Listing(name, name, "")
