"""`descend recipes`: what can be trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from descend.cli.options import Json
from descend.cli.result import Result
from descend.cli.screen import screen, table

if TYPE_CHECKING:
    from rich.console import Console

    from descend.recipes.recipe import Recipe

Name = Annotated[str | None, typer.Argument(metavar="[RECIPE]", help="Show this one with its settings and its source.")]


def recipes(recipe: Name = None, json: Json = False) -> list[Result]:
    """List what can be trained, or show one recipe.

    A recipe shows its settings, its source, and the result that it must reach.

    \b
    Examples:
      descend recipes
      descend recipes mnist-lenet
    """
    from descend.recipes import registry

    console = screen(json)
    if recipe is not None:
        return [_shown(registry.get(recipe), console)]
    found = registry.listings()
    table(console, ("recipe", "what it is"), [(one.name, one.about) for one in found])
    console.print("\nTrain one with: descend train RECIPE", style="dim")
    return [Result(name=one.name, details={"about": one.about}) for one in found]


def _shown(recipe: Recipe, console: Console) -> Result:
    console.print(f"{recipe.name}: {recipe.about}", markup=False)
    console.print(f"Source: {recipe.source}\n", markup=False)
    table(console, ("setting", "value"), [(name, str(value)) for name, value in recipe.settings.items()])
    console.print("\nIt must reach:")
    for expect in recipe.expect:
        source = "" if expect.source == recipe.source else f"  ({expect.source})"
        console.print(f"  {expect}{source}", markup=False)
    console.print(f"\nChange a setting with: descend train {recipe.name} --set NAME=VALUE", style="dim")
    details = {"about": recipe.about, "source": recipe.source, "settings": dict(recipe.settings)}
    return Result(name=recipe.name, details={**details, "must_reach": [str(expect) for expect in recipe.expect]})
