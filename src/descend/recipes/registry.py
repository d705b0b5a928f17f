"""The recipes by name. A recipe is a file in this package with a `RECIPE` in it; nothing else registers it.

The list is read from the files' text, so that it costs no import.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from descend.recipes.recipe import Recipe

_FOLDER = Path(__file__).parent
_DOCSTRING = re.compile(r'\A"""(.+?)(?:"""|\n)')
_DEFINED = re.compile(r"^RECIPE\b.*=", re.MULTILINE)


@dataclass(frozen=True)
class Listing:
    """A recipe as it stands in the list: its name and the first line of its docstring."""

    name: str
    about: str


def listings() -> list[Listing]:
    """Every recipe, sorted by name."""
    found = []
    for path in sorted(_FOLDER.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        if _DEFINED.search(text):
            docstring = _DOCSTRING.match(text)
            found.append(Listing(path.stem.replace("_", "-"), docstring[1].strip() if docstring else ""))
    return found


def names() -> list[str]:
    """The names of all recipes, sorted."""
    return [listing.name for listing in listings()]


def get(name: str) -> Recipe:
    """The recipe called `name`.

    Raises:
        UsageError: there is no such recipe; the closest name is suggested.
    """
    known = names()
    if name not in known:
        # The errors live in the engine, and the engine imports NumPy.
        from descend.engine.errors import UsageError, near_miss

        raise UsageError(
            f"there is no recipe {name!r}",
            given=name,
            needed=f"one of {', '.join(known)}",
            fix=near_miss(name, known) or "see them with: descend recipes",
        )
    recipe: Recipe = import_module(f"descend.recipes.{name.replace('-', '_')}").RECIPE
    return recipe
