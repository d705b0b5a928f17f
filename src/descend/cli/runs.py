"""`descend runs`: what has been trained."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any

import typer

from descend.cli.options import Json
from descend.cli.result import Result
from descend.cli.screen import screen, table

if TYPE_CHECKING:
    from rich.console import Console

    from descend.train.catalogue import Row
    from descend.train.runs import Run

app = typer.Typer(
    help="""List, show, compare, export and delete what has been trained.

    \b
    Examples:
      descend runs
      descend runs show RUN
      descend runs diff RUN RUN
      descend runs export RUN --to folder
      descend runs rm RUN
    """,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="RUN", help="The name of a run, or its folder; `last` is the newest.")]
RecipeOption = Annotated[str | None, typer.Option("--recipe", metavar="RECIPE", help="Only the runs of this recipe.")]
Names = Annotated[list[str], typer.Argument(metavar="RUN...", help="The names of the runs; `last` is the newest.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Target = Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Copy the run into this new folder.")]
Format = Annotated[str, typer.Option("--format", metavar="FORMAT", help="What to print without --to: csv or json.")]


_ROOM = 26  # columns that the list has for a problem, in a terminal of 80


@app.callback(invoke_without_command=True)
def runs(context: typer.Context, json: Json = False) -> list[Result] | None:
    """Without a command, the list."""
    return list_(json=json) if context.invoked_subcommand is None else None


@app.command("list")
def list_(recipe: RecipeOption = None, json: Json = False) -> list[Result]:
    """List all runs, the newest last.

    \b
    Examples:
      descend runs list
      descend runs list --recipe mnist-lenet --json
    """
    from descend.train.catalogue import Catalogue

    console = screen(json)
    catalogue = Catalogue()
    rows = [row for row in catalogue.rows() if recipe in (None, row.recipe)]
    for warning in catalogue.warnings:
        console.print(warning.message, markup=False)
    if rows:
        table(console, ("run", "status", "epochs", "time", "result"), [_columns(row) for row in rows])
    else:
        console.print("There are no runs yet. Make one with: descend train digits-mlp")
    return [_of_row(row) for row in rows]


@app.command()
def show(run: Name, json: Json = False) -> list[Result]:
    """Show one run: settings, metrics, and what the doctor found wrong.

    \b
    Examples:
      descend runs show last
      descend runs show 2026-01-31-mnist-lenet-1
    """
    from descend.train.export import as_json
    from descend.train.render import duration, number

    found = opened(run)
    facts = as_json(found)
    console = screen(json)
    console.print(f"{found.name}: {facts['status']}", markup=False)
    console.print(f"{found.path}\n", style="dim", markup=False)
    _print_failure(found, console)
    pairs = {"recipe": facts["recipe"], "seed": facts["seed"], **facts["settings"], **facts["environment"]}
    table(console, ("setting", "value"), [(name, str(value)) for name, value in pairs.items()])
    if facts["epochs"]:
        names = [name for name in facts["epochs"][0] if name not in {"epoch", "step", "seconds"}]
        rows = [
            (str(e["epoch"]), *(number(name, e[name]) for name in names), duration(e["seconds"]))
            for e in facts["epochs"]
        ]
        console.print()
        table(console, ("epoch", *(name.replace("_", " ") for name in names), "time"), rows)
    diagnosis = _diagnosis(found)
    if diagnosis:
        console.print(f"\n{diagnosis}", markup=False)
    return [_result(found, facts)]


@app.command()
def diff(a: Name, b: Name, json: Json = False) -> list[Result]:
    """Compare two runs: what was asked for, what came of it, and how far apart the networks are.

    The distance of two layers' weights is the square root of the summed squared differences, here in per cent
    of the length of the first: 0 % is the same, two networks that have nothing in common are near 141 %.

    \b
    Examples:
      descend runs diff 2026-01-31-mnist-lenet-1 2026-01-31-mnist-lenet-2
      descend runs diff 2026-01-31-mnist-lenet-1 last --json
    """
    from descend.cli.difference import told
    from descend.train.diff import diff as compare

    found = compare(opened(a), opened(b))
    told(found, screen(json))
    distances = {weight.name: weight.euclidean for weight in found.weights}
    return [Result(name=f"{found.a} {found.b}", metrics=distances, details=found.to_json())]


@app.command("rm")
def remove(names: Names, yes: Yes = False, json: Json = False) -> list[Result]:
    """Delete runs, with their checkpoints and pictures.

    It asks first. A run that is being trained is not deleted, and nothing is where one of the names is wrong.

    \b
    Examples:
      descend runs rm 2026-01-31-mnist-lenet-1
      descend runs rm RUN RUN --yes
    """
    from descend.train import removal

    # Every name is looked at before anything is deleted.
    folders = list(dict.fromkeys(removal.folder_of(_newest(name)) for name in names))
    sizes = [removal.size(folder) for folder in folders]
    for folder in folders:
        removal.refuse_running(folder)
    console = screen(json)
    if not (yes or _agreed(folders, sum(sizes), console)):
        console.print("Nothing was deleted.")
        return [Result(name=folder.name, passed=False, details={"deleted": False}) for folder in folders]
    for folder, taken in zip(folders, sizes, strict=True):
        removal.remove(folder)
        console.print(f"deleted {folder.name} ({_megabytes(taken)})", markup=False)
    return [
        Result(name=folder.name, metrics={"bytes": taken}, details={"deleted": True, "folder": folder})
        for folder, taken in zip(folders, sizes, strict=True)
    ]


@app.command()
def export(run: Name, to: Target = None, format_: Format = "csv", json: Json = False) -> list[Result]:
    """Print the metrics of a run as CSV or JSON, or copy the run.

    With --to, the copy is a folder that needs nothing else: descend runs show FOLDER reads it on any machine.

    \b
    Examples:
      descend runs export last > metrics.csv
      descend runs export last --to digits-for-ada
    """
    from descend.train.export import as_csv, as_folder, as_json

    found = opened(run)
    console = screen(json)
    facts = as_json(found)
    if to is not None:
        as_folder(found, to)
        console.print(f"{found.name} is in {to}", markup=False)
    elif format_ == "csv":
        console.print(as_csv(found), end="", markup=False)
    elif format_ == "json":
        console.print(json_module.dumps(facts, indent=2, ensure_ascii=False), markup=False)
    else:
        raise typer.BadParameter(f"{format_!r} is neither csv nor json", param_hint="--format")
    return [_result(found, {**facts, "to": to})]


def opened(name: str) -> Run:
    """The run of this name or in this folder, the newest for "last". Raises UsageError: there is none."""
    from descend.train.runs import Run

    return Run.open(_newest(name))


def _newest(name: str) -> str:
    """The name of the newest run for "last", every other name as it is."""
    from descend.train.runs import runs

    found = runs() if name == "last" else []
    return found[-1].name if found else name


def _agreed(folders: list[Path], taken: int, console: Console) -> bool:
    """Whether the user says yes. Raises UsageError where nobody can be asked."""
    from descend.engine.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked whether to delete", needed="a terminal, or --yes", fix="add --yes")
    for folder in folders:
        console.print(f"  {folder.name}", markup=False)
    what = "this run" if len(folders) == 1 else f"these {len(folders)} runs"
    return typer.confirm(f"Delete {what} for good ({_megabytes(taken)})?", err=console.stderr)


def _megabytes(taken: int) -> str:
    return f"{taken / 1e6:.1f} MB"


def _columns(row: Row) -> tuple[str, ...]:
    from descend.train.headline import headline
    from descend.train.render import duration, number

    best = headline(row.metrics)
    result = f"{best.replace('_', ' ')} {number(best, row.metrics[best])}" if best else ""
    problem = shorten(row.problem, _ROOM, placeholder=" ...")
    return row.name, row.status, str(row.epochs), duration(row.seconds), problem or result


def _of_row(row: Row) -> Result:
    return Result(
        name=row.name,
        seed=row.seed,
        epochs=row.epochs,
        seconds=row.seconds,
        metrics=row.metrics,
        passed=row.status != "damaged",  # that a training failed is no failure of the list
        details={
            "recipe": row.recipe,
            "status": row.status,
            "created": row.created,
            "problem": row.problem or None,
        },
    )


def _result(run: Run, facts: dict[str, Any]) -> Result:
    return Result(
        name=run.name,
        seed=run.info.seed,
        executor=run.info.executor,
        epochs=len(facts["epochs"]),
        seconds=sum(epoch["seconds"] for epoch in facts["epochs"]),
        metrics=facts["metrics"],
        details={**facts, "folder": run.path},
    )


def _diagnosis(run: Run) -> str:
    """What the doctor found wrong with a run, "" for nothing."""
    from descend.train.doctor import findings, report

    happened = run.events()
    return report(happened) if findings(happened) else ""


def _print_failure(run: Run, console: Console) -> None:
    """Why a run failed, and what to do about it."""
    from descend.recipes import resuming

    failure = run.failure()
    if failure:
        console.print(f"It failed: {failure.error()}", style="red", markup=False)
        console.print(f"  next:   {resuming.advice(run)}\n", markup=False)
