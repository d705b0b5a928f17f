"""`descend train`: run a recipe and watch it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from descend.cli.options import Data, Epochs, Json, Seed, Set
from descend.cli.result import Result, checked
from descend.cli.screen import screen, table

if TYPE_CHECKING:
    from rich.console import Console

    from descend.recipes.answers import Answer
    from descend.recipes.outcome import Outcome
    from descend.recipes.recipe import Recipe, Setting
    from descend.train.board import Board
    from descend.train.runs import Run

Name = Annotated[str | None, typer.Argument(metavar="RECIPE", help="Which one; descend recipes lists them.")]
Resume = Annotated[str | None, typer.Option("--resume", metavar="RUN", help="Go on with a run that was stopped.")]
With = Annotated[
    Path | None,
    typer.Option("--with", metavar="DIR", help="Train with your own answers in this folder; see init."),
]
Tiny = Annotated[bool, typer.Option("--tiny", help="Run for about a second, to see that it works.")]
Compile = Annotated[
    bool | None,
    typer.Option(
        "--compile/--no-compile", help="Compile the training step, or do not, whether it pays or not; see explain."
    ),
]
Patience = Annotated[
    float,
    typer.Option("--patience", metavar="SECONDS", min=1, help="A run silent for so long is taken for hung."),
]


def train(  # noqa: PLR0913 - one parameter for each option
    recipe: Name = None,
    set_: Set = None,
    epochs: Epochs = None,
    seed: Seed = None,
    data: Data = None,
    resume: Resume = None,
    with_: With = None,
    tiny: Tiny = False,
    compile_: Compile = None,
    patience: Patience = 120.0,
    json: Json = False,
) -> list[Result]:
    """Train a recipe and watch it.

    It trains in a process of its own: Ctrl-C saves a checkpoint and stops, --resume goes on exactly there.
    At the end the result is compared with what the recipe must reach.
    Its steps are compiled where that pays: not with --tiny, which is over before, nor with your answers.

    \b
    Examples:
      descend train digits-mlp
      descend train mnist-lenet --data digits
      descend train mnist-lenet --data path/to/files --epochs 5
      descend train digits-mlp --set lr=0.3 --seed 1
      descend train digits-mlp --with answers
      descend train digits-mlp --no-compile
      descend train --resume 2026-01-31-mnist-lenet-1
    """
    from descend.recipes import registry

    console = screen(json)
    asked = changes(set_, epochs, seed)
    if resume is not None:
        whole = {"--data": data, "--with": with_, "--tiny": tiny or None, "--compile/--no-compile": compile_}
        _only_resumed(asked, whole)
        run = reopened(resume, recipe)
        begun = registry.get(run.info.recipe)
        return [ended(run, begun, console) if run.status() == "finished" else trained(run, begun, console, patience)]
    chosen = registry.get(_named(recipe))
    settings, directory = with_data(chosen, {**(chosen.tiny if tiny else {}), **asked}, data)
    if tiny and compile_ is None:
        compile_ = False
    run = prepared(chosen, settings, directory, _answers(with_), console, compiled=compile_)
    return [trained(run, chosen, console, patience)]


# ------------------------------------------------------------------------------------ before the run


def prepared(
    recipe: Recipe,
    settings: dict[str, Setting],
    directory: Path | None,
    given: list[Answer],
    console: Console,
    *,
    compiled: bool | None = None,
) -> Run:
    """A new run; where its data must be fetched, the progress is shown."""
    from descend.cli.fetching import shown
    from descend.recipes import launch
    from descend.recipes.executor import executor_for

    executor = executor_for(recipe, answered=bool(given), asked=compiled)
    if recipe.trains and not given and compiled is not False and executor != "native":
        console.print(
            "llvmlite is not installed: there is no native code, and NumPy computes every step, which takes two to "
            "five times as long, and more with convolutions. To have it: pip install llvmlite",
            markup=False,
        )
    with shown(console) as progress:
        return launch.prepare(recipe, settings, directory=directory, given=given, progress=progress, executor=executor)


def reopened(name: str, recipe: str | None) -> Run:
    """The run to go on with, or one that has come to its end. Raises UsageError where it is another recipe's."""
    from descend.cli.runs import opened
    from descend.engine.errors import UsageError
    from descend.recipes import resuming

    run = opened(name)
    if recipe not in (None, run.info.recipe):
        raise UsageError(
            f"{run.name} is a run of {run.info.recipe}, not of {recipe}",
            fix=f"descend train --resume {run.name}",
        )
    if run.status() != "finished":
        resuming.verify(run)
    return run


def with_data(
    recipe: Recipe, changes: Mapping[str, object], data: str | None
) -> tuple[dict[str, Setting], Path | None]:
    """The recipe's settings with changes, and the directory where its data are where `data` names one."""
    from descend.recipes.places import place

    name, directory = place(recipe, data)
    return recipe.with_settings({**changes, **({} if name is None else {"data": name})}), directory


def changes(set_: list[str] | None, epochs: int | None = None, seed: int | None = None) -> dict[str, Any]:
    """The settings that the options change, by name."""
    changed: dict[str, Any] = {}
    for pair in set_ or []:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{pair!r} is not NAME=VALUE", param_hint="--set")
        changed[name] = value
    return changed | {name: value for name, value in (("epochs", epochs), ("seed", seed)) if value is not None}


def _named(recipe: str | None) -> str:
    if recipe is None:
        raise typer.BadParameter("name a recipe (descend recipes lists them), or a run with --resume")
    return recipe


def _only_resumed(asked: Mapping[str, Any], options: Mapping[str, object]) -> None:
    changed = [f"--set {name}" for name in asked] + [option for option, value in options.items() if value is not None]
    if changed:
        raise typer.BadParameter(f"a run goes on as it began: leave out {', '.join(changed)}", param_hint="--resume")


def _answers(folder: Path | None) -> list[Answer]:
    if folder is None:
        return []
    from descend.guide.workspace import passed_overrides
    from descend.recipes.answers import Answer

    return [Answer(one.symbol, one.file.resolve(), one.function) for one in passed_overrides(folder)]


# ------------------------------------------------------------------------------------- run and after


def trained(run: Run, recipe: Recipe, console: Console, patience: float) -> Result:
    """Train a run to its end while showing it, and say what came of it."""
    from descend.recipes import launch
    from descend.train.render import show

    console.print(f"Ctrl-C saves a checkpoint and stops. Everything is kept in {run.path}", style="dim", markup=False)
    board = show(launch.train(run, patience=patience), console=console, title=run.name)
    return finished(run, recipe, board, console)


def ended(run: Run, recipe: Recipe, console: Console) -> Result:
    """The result of a run that came to its end before. Nothing is trained or measured for it."""
    from descend.recipes import resuming
    from descend.train.board import Board
    from descend.train.events import Done
    from descend.train.render import number

    board = Board()
    for event in run.events():
        board.take(event)
    console.print(f"{run.name} is finished: nothing is left to train, and nothing was measured again.", markup=False)
    for name, value in (board.end.metrics if isinstance(board.end, Done) else {}).items():
        console.print(f"  {name.replace('_', ' ')} {number(name, value)}", markup=False)
    result = finished(run, recipe, board, console, anew=False)
    again = resuming.longer(run)
    console.print(again[0].upper() + again[1:], markup=False)
    return replace(result, details={**result.details, "finished_before": True})


def finished(run: Run, recipe: Recipe, board: Board, console: Console, *, anew: bool = True) -> Result:
    """The result of a run that has ended, told on the console too; `anew` draws its pictures."""
    from descend.recipes.outcome import outcome

    end = outcome(run, recipe, anew=anew)
    expect = None if end.unchecked else checked(recipe.expect, end.metrics)
    if expect:
        console.print("\nWhat it must reach:")
        table(console, ("result", "must be", "is", ""), [_compared(row) for row in expect])
        console.print(f"Source: {', '.join(dict.fromkeys(one.source for one in recipe.expect))}\n", markup=False)
    for line in _lines(run, recipe, end):
        console.print(line, markup=False)
    return Result(
        name=recipe.name,
        seed=run.info.seed,
        executor=run.info.executor,
        epochs=len(board.epochs),
        seconds=end.seconds,
        metrics=end.metrics,
        expect=expect,
        passed=not end.stopped and all(row["passed"] for row in expect or []),
        details={
            "run": run.name,
            "source": recipe.source,
            "folder": run.path,
            "settings": run.info.settings,
            "stopped": end.stopped,
            "not_checked": end.unchecked or None,
            "pictures": end.pictures,
            "answers": {symbol: {"from": run.info.overrides[symbol], "calls": n} for symbol, n in end.calls.items()},
        },
    )


def _compared(row: Mapping[str, Any]) -> tuple[str, ...]:
    value = "missing" if row["value"] is None else f"{row['value']:.6g}"
    must = row["must"].removeprefix(row["metric"]).strip()
    return row["metric"].replace("_", " "), must, value, "reached" if row["passed"] else "missed"


def _lines(run: Run, recipe: Recipe, end: Outcome) -> Iterator[str]:
    """What people want to know at the end, besides the metrics that are on the screen already."""
    for symbol, n in end.calls.items():
        yield f"Your {run.info.overrides[symbol]} stood for {symbol} and was called {n:,} times."
    if end.unchecked:
        yield f"Not compared with what the recipe must reach, as {end.unchecked}."
    for name, path in end.pictures.items():
        yield f"A picture of its {name}: {path}"
    if end.stopped:
        yield f"Go on with: descend train --resume {run.name}"
    elif recipe.network is not None:
        yield f"Use it with: descend predict {run.name} FILE..."
