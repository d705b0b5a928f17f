"""`descend reproduce`: run recipes and write down what each reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from descend.cli.options import Json, Seed
from descend.cli.result import Report, Result, checked
from descend.cli.screen import screen, table
from descend.cli.train import Tiny, changes, prepared, trained, with_data

if TYPE_CHECKING:
    from rich.console import Console

    from descend.recipes.recipe import Recipe, Setting
    from descend.recipes.recorded import Recorded

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[RECIPE...]", help="Only these, or those that begin so (nielsen); by default all of them."),
]
Known = Annotated[bool, typer.Option("--recorded", help="Show what the recorded runs reached; train nothing.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder for results.json and results.md.")]


def reproduce(
    recipes: Names = None,
    seed: Seed = None,
    out: Out = Path("results"),
    tiny: Tiny = False,
    recorded: Known = False,
    json: Json = False,
) -> list[Result]:
    """Run recipes and write a table of results.

    The table has what each recipe reached beside what it must reach.

    \b
    Examples:
      descend reproduce digits-mlp mnist-lenet
      descend reproduce nielsen --recorded
      descend reproduce --tiny
    """
    from descend.recipes import registry

    console = screen(json)
    chosen = [registry.get(name) for name in registry.chosen(recipes or registry.names())]
    if recorded:
        return _shown(_known(chosen), console)
    results: list[Result] = []
    for recipe in chosen:
        asked = {} if seed is None or "seed" not in recipe.settings else changes(None, seed=seed)
        settings, directory = with_data(recipe, {**(recipe.tiny if tiny else {}), **asked}, None)
        results.append(_reproduced(recipe, settings, directory, console))
        # Written after each: an interruption loses nothing that was measured.
        written(results, out)
        if results[-1].details.get("stopped"):
            _told_the_rest([one.name for one in chosen[len(results) :]], console)
            break
    console.print()
    _shown(results, console)
    console.print(f"The results are in {out / 'results.md'} and {out / 'results.json'}", markup=False)
    return results


def _told_the_rest(names: list[str], console: Console) -> None:
    """How to go on after an interruption."""
    if names:
        console.print(f"Then run the rest with: descend reproduce {' '.join(names)} --out results-2", markup=False)


def _reproduced(recipe: Recipe, settings: dict[str, Setting], directory: Path | None, console: Console) -> Result:
    """The result of one recipe; its failure must not keep the others from running."""
    from descend.engine.errors import DescendError
    from descend.recipes.launch import KilledError

    try:
        run = prepared(recipe, settings, directory, [], console)
        return trained(run, recipe, console, patience=600)
    except DescendError as error:
        console.print(f"{recipe.name} failed: {error}", markup=False, style="red")
        details = {"not_checked": error.problem, "stopped": isinstance(error, KilledError)}
        return Result(name=recipe.name, seconds=0.0, passed=False, details=details)


def _known(recipes: Iterable[Recipe]) -> list[Result]:
    """The recorded results of recipes."""
    from descend.recipes.recorded import load

    rows = load()
    return [_held(recipe, rows.get(recipe.name)) for recipe in recipes]


def _held(recipe: Recipe, row: Recorded | None) -> Result:
    """A recorded result, held against what the recipe must reach now."""
    if row is None or not row.stands(recipe):
        why = "not recorded" if row is None else "recorded with other settings"
        details = {"source": recipe.source, "not_checked": why}
        return Result(name=recipe.name, passed=False, expect=checked(recipe.expect, {}), details=details)
    expect = checked(recipe.expect, row.metrics)
    return Result(
        name=recipe.name,
        seed=row.seed,
        executor=row.executor,
        epochs=row.epochs,
        seconds=row.seconds,
        metrics=row.metrics,
        expect=expect,
        passed=all(one["passed"] for one in expect),
        details={"source": recipe.source, "cpu": row.cpu, "created": row.created, "settings": row.settings},
    )


def _shown(results: list[Result], console: Console) -> list[Result]:
    """The table on the console: a line for each value that must be reached. It fits 80 columns."""
    rows = [line for one in results for line in _lines(one)]
    if rows:
        table(console, ("recipe", "published", "must be", "ours", "", "time"), rows)
    for one in results:
        if one.expect and one.details.get("not_checked"):
            console.print(f"{one.name}: {one.details['not_checked']}", markup=False)
    return results


def _lines(result: Result) -> Iterator[tuple[str, ...]]:
    from descend.train.render import duration

    expect, time = result.expect or [], "" if result.seconds is None else duration(result.seconds)
    if len(expect) == 1:
        yield result.name, *_compared(expect[0]), time
    elif expect:
        yield result.name, "", "", "", "", time
        yield from ((f"  {one['metric'].replace('_', ' ')}", *_compared(one), "") for one in expect)


def _compared(one: Mapping[str, Any]) -> tuple[str, ...]:
    """Published, must be, ours, and whether that was reached."""
    from descend.train.render import number

    told = ["" if one[name] is None else number(one["metric"], one[name]) for name in ("published", "value")]
    return (
        told[0],
        _must(one),
        *(("not run", "") if one["value"] is None else (told[1], "yes" if one["passed"] else "no")),
    )


def _must(one: Mapping[str, Any]) -> str:
    """The bounds, as short as can be: "± 0.40 %" of what was published, ">= 98.63 %", "0.035 to 0.14"."""
    from descend.train.render import number

    metric, low, high = one["metric"], one["at_least"], one["at_most"]
    if one["target"] is not None:
        return f"± {number(metric, one['tolerance'])}" if one["tolerance"] else "the same"
    if low is not None and high is not None:
        return f"{low:.3g} to {high:.3g}"
    return f">= {number(metric, low)}" if low is not None else f"<= {number(metric, high)}"


def written(results: list[Result], folder: Path) -> None:
    """Write results.json, the report as with --json, and results.md, the same as a table."""
    from descend.disk.durable import storing, write_file

    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    seconds = sum(result.seconds or 0.0 for result in results)
    report = Report(command="reproduce", results=results, seconds=seconds)
    write_file(folder / "results.json", (report.to_json() + "\n").encode())
    write_file(folder / "results.md", ("\n".join(_table(results)) + "\n").encode())


def _table(results: Iterable[Result]) -> Iterable[str]:
    yield "| recipe | seed | published | result | must reach | | time |"
    yield "|---|--:|---|---|---|---|--:|"
    for result in results:
        yield f"| {' | '.join(_cells(result))} |"


def _cells(result: Result) -> Iterator[str]:
    yield from (result.name, str(result.seed), str(result.details.get("source", "")))
    yield ", ".join(f"{name} {value:.4g}" for name, value in result.metrics.items())
    yield ", ".join(row["must"] for row in result.expect or []) or f"not compared: {result.details['not_checked']}"
    yield "no" if not result.passed else "yes" if result.expect else ""
    yield f"{result.seconds:.0f} s"
