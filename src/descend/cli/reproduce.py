"""`descend reproduce`: run recipes and write down what each reached."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from descend.cli.options import Json, Seed
from descend.cli.result import Report, Result
from descend.cli.screen import screen
from descend.cli.train import Tiny, changes, prepared, trained, with_data

if TYPE_CHECKING:
    from rich.console import Console

    from descend.recipes.recipe import Recipe, Setting

Names = Annotated[list[str] | None, typer.Argument(metavar="[RECIPE...]", help="Only these; by default all of them.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder for results.json and results.md.")]


def reproduce(
    recipes: Names = None,
    seed: Seed = None,
    out: Out = Path("results"),
    tiny: Tiny = False,
    json: Json = False,
) -> list[Result]:
    """Run recipes and write a table of results.

    The table has what each recipe reached beside what it must reach.

    \b
    Examples:
      descend reproduce digits-mlp mnist-lenet
      descend reproduce --tiny
    """
    from descend.recipes import registry

    console = screen(json)
    results = []
    for recipe in [registry.get(name) for name in recipes or registry.names()]:
        asked = {} if seed is None or "seed" not in recipe.settings else changes(None, seed=seed)
        settings, directory = with_data(recipe, {**(recipe.tiny if tiny else {}), **asked}, None)
        results.append(_reproduced(recipe, settings, directory, console))
        # Written after each: an interruption loses nothing that was measured.
        written(results, out)
        if results[-1].details.get("stopped"):
            break
    console.print(f"\nThe results are in {out / 'results.md'} and {out / 'results.json'}", markup=False)
    return results


def _reproduced(recipe: Recipe, settings: dict[str, Setting], directory: Path | None, console: Console) -> Result:
    """The result of one recipe; its failure must not keep the others from running."""
    from descend.engine.errors import DescendError

    try:
        run = prepared(recipe, settings, directory, [], console)
        return trained(run, recipe, console, patience=600)
    except DescendError as error:
        console.print(f"{recipe.name} failed: {error}", markup=False, style="red")
        return Result(name=recipe.name, seconds=0.0, passed=False, details={"not_checked": error.problem})


def written(results: list[Result], folder: Path) -> None:
    """Write results.json, the report as with --json, and results.md, the same as a table."""
    from descend.train.durable import storing, write_file

    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    seconds = sum(result.seconds or 0.0 for result in results)
    report = Report(command="reproduce", results=results, seconds=seconds)
    write_file(folder / "results.json", (report.to_json() + "\n").encode())
    write_file(folder / "results.md", ("\n".join(_table(results)) + "\n").encode())


def _table(results: Iterable[Result]) -> Iterable[str]:
    yield "| recipe | seed | result | must reach | | time |"
    yield "|---|--:|---|---|---|--:|"
    for result in results:
        reached = ", ".join(f"{name} {value:.4g}" for name, value in result.metrics.items())
        needed = (
            ", ".join(row["must"] for row in result.expect or []) or f"not compared: {result.details['not_checked']}"
        )
        mark = "yes" if result.passed and result.expect else "" if result.passed else "no"
        yield f"| {result.name} | {result.seed} | {reached} | {needed} | {mark} | {result.seconds:.0f} s |"
