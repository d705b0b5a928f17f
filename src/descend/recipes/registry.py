"""The recipes by name. A recipe is a `Recipe(name=..., about=...)` in a file of this package: `RECIPE`, or a row of
`RECIPES`. Nothing else registers it.

The list is read from the files' text, so that it costs no import.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from descend.recipes.recipe import Recipe

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Listing:
    """A recipe as it stands in the list: its name, what it is in one line, and the module that defines it."""

    name: str
    about: str
    module: str


@cache
def listings() -> tuple[Listing, ...]:
    """Every recipe, sorted by name."""
    found = [listing for path in _FOLDER.rglob("*.py") for listing in _defined(path)]
    return tuple(sorted(found, key=lambda listing: listing.name))


def names() -> list[str]:
    """The names of all recipes, sorted."""
    return [listing.name for listing in listings()]


def chosen(asked: list[str]) -> list[str]:
    """The recipes meant by names, or by what the names of several begin with: nielsen, nielsen-ch6.

    Raises:
        UsageError: no recipe's name is this or begins with it.
    """
    meant = [name for word in asked for name in ([word] if word in names() else _beginning(word))]
    return list(dict.fromkeys(meant))


def get(name: str) -> Recipe:
    """The recipe called `name`.

    Raises:
        UsageError: there is no such recipe; the closest name is suggested.
    """
    module = import_module(_listed(name).module)
    rows: tuple[Recipe, ...] = getattr(module, "RECIPES", ()) or (module.RECIPE,)
    return next(recipe for recipe in rows if recipe.name == name)


def _beginning(word: str) -> list[str]:
    return [name for name in names() if name.startswith(f"{word}-")] or [_listed(word).name]


def _listed(name: str) -> Listing:
    for listing in listings():
        if listing.name == name:
            return listing
    # The errors live in the engine, and the engine imports NumPy.
    from descend.engine.errors import UsageError, near_miss

    raise UsageError(
        f"there is no recipe {name!r}",
        given=name,
        needed=f"one of {', '.join(names())}",
        fix=near_miss(name, names()) or "see them with: descend recipes",
    )


def _defined(path: Path) -> Iterator[Listing]:
    """The recipes in a file: every call outside functions with a literal name and a literal about."""
    module = ".".join(("descend.recipes", *path.relative_to(_FOLDER).with_suffix("").parts))
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            continue
        for call in [node for node in ast.walk(statement) if isinstance(node, ast.Call)]:
            said = {k.arg: k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)}
            if "name" in said and "about" in said:
                yield Listing(str(said["name"]), str(said["about"]), module)
