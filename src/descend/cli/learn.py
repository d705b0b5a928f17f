"""`descend init`, `exercises`, `check` and `hint`: the course in the terminal."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from descend.cli.options import Directory, Json
from descend.cli.result import Result
from descend.cli.screen import screen, table

if TYPE_CHECKING:
    from rich.console import Console

    from descend.guide.checker import Report
    from descend.guide.exercise import Exercise
    from descend.guide.progress import Standing

_FOLDER = Path("answers")

Word = Annotated[str | None, typer.Argument(metavar="[EXERCISE]", help="Its number or name; by default the next one.")]
Shown = Annotated[
    str | None,
    typer.Argument(metavar="[EXERCISE]", help="Show the statement of this one; its number or name."),
]
Folder = Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder to make.")]
CheckSeed = Annotated[
    int | None, typer.Option("--seed", metavar="N", min=0, help="Check with the random numbers of this seed.")
]
Solution = Annotated[bool, typer.Option("--solution", help="Show the solution, once the exercise has passed.")]
Anyway = Annotated[bool, typer.Option("--anyway", help="With --solution: show it before that, too.")]


def init(folder: Folder = _FOLDER, json: Json = False) -> list[Result]:
    """Make a folder with the exercises.

    Each exercise is a file to complete. What is there already is never overwritten.

    \b
    Examples:
      descend init
      descend init my-answers
    """
    from descend.guide.registry import exercises as known
    from descend.guide.workspace import init as make

    made = make(folder)
    console = screen(json)
    for path in made.written:
        console.print(f"made {path}", markup=False)
    for path in made.kept:
        console.print(f"kept {path}, as it was there already", markup=False)
    _notice(made.notice, console)
    first = known()[0]
    _statement(first, folder, console)
    then = _command("check", first.name, "--dir", folder)
    console.print(f"Now edit {(folder / first.filename).resolve()}, then: {then}", markup=False)
    return [
        Result(name=path.name, details={"file": path, "written": path in made.written})
        for path in made.written + made.kept
    ]


def exercises(exercise: Shown = None, directory: Directory = None, json: Json = False) -> list[Result]:
    """List the exercises, or show one.

    The list says how far you are, where it finds the folder that descend init has made.

    \b
    Examples:
      descend exercises
      descend exercises 0
    """
    from descend.guide import progress
    from descend.guide.registry import exercises as known
    from descend.guide.registry import find

    console = screen(json)
    if exercise is not None:
        found = find(exercise)
        _statement(found, _workspace(directory, needed=False), console)
        return [Result(name=found.name, details={"title": found.title, "statement": found.statement})]
    done = progress.read(_workspace(directory, needed=directory is not None))
    rows = [(str(one.number), one.name, "*" * one.stars, _standing(done.of(one.name)), one.title) for one in known()]
    table(console, ("", "exercise", "stars", "you", "title"), rows)
    return [
        Result(
            name=one.name,
            metrics={"number": one.number, "stars": one.stars, "checks": done.of(one.name).checks},
            details={"title": one.title, "standing": _standing(done.of(one.name))},
        )
        for one in known()
    ]


def check(
    exercise: Word = None, directory: Directory = None, seed: CheckSeed = None, json: Json = False
) -> list[Result]:
    """Check your answer.

    It must have the properties that the mathematics asks for, with random numbers at each check. Where it
    lacks one, you read which, and what is wrong.

    \b
    Examples:
      descend check
      descend check 0
      descend check update --dir my-answers
    """
    from descend.guide.checker import check_in

    folder, chosen = _chosen(exercise, directory)
    report = check_in(folder, chosen, seed)
    _told(report, chosen, folder, screen(json))
    return [
        Result(
            name=chosen.name,
            seed=report.seed,
            seconds=report.seconds,
            metrics={"calls": report.calls, "held": len(report.held), "hints": report.hints_available},
            passed=report.passed,
            details={**report.to_json(), "file": folder / chosen.filename},
        )
    ]


def hint(
    exercise: Word = None,
    directory: Directory = None,
    solution: Solution = False,
    anyway: Anyway = False,
    json: Json = False,
) -> list[Result]:
    """Give the next hint.

    Hints are for what the last check found, the mildest first.

    \b
    Examples:
      descend hint
      descend hint 0
      descend hint 0 --solution
    """
    from descend.guide import hints

    folder, chosen = _chosen(exercise, directory)
    console = screen(json)
    if solution:
        found = hints.solution(chosen, folder, anyway=anyway)
        console.print(f"The framework's own: {found.library}. Other answers that are right:", markup=False)
        for cell in found.answers:
            console.print(f"\n# {cell.about}\n{cell.source}", markup=False)
        answers = {cell.about: cell.source for cell in found.answers}
        return [Result(name=chosen.name, details={"library": found.library, "answers": answers})]
    given = hints.hint(chosen, folder)
    _notice(given.notice, console)
    console.print(f"Hint {given.step} of {given.of}: {given.text}", markup=False)
    details = {"hint": given.text, "diagnosis": given.diagnosis, "repeated": given.repeated}
    return [Result(name=chosen.name, metrics={"step": given.step, "of": given.of}, details=details)]


# ---------------------------------------------------------------------------- which exercise, and where


def _chosen(word: str | None, directory: Path | None) -> tuple[Path, Exercise]:
    """The learner's folder and the exercise meant: the first that has not passed where none is named."""
    from descend.guide import progress
    from descend.guide.registry import exercises as known
    from descend.guide.registry import find

    chosen = find(word) if word is not None else None
    folder = _workspace(directory)
    done = progress.read(folder)
    return folder, chosen or next((one for one in known() if not done.of(one.name).passed), known()[-1])


def _workspace(directory: Path | None, *, needed: bool = True) -> Path:
    """The folder that was named, or the one that is found here. Raises UsageError where there is none."""
    from descend.engine.errors import UsageError
    from descend.guide.registry import exercises as known

    places = [Path(), _FOLDER] if directory is None else [directory]
    for place in places:
        if any((place / one.filename).is_file() for one in known()):
            return place
    if not needed:
        return _FOLDER
    raise UsageError(
        "there is no folder with exercises here" if directory is None else f"{directory} holds no exercise",
        needed=f"files such as {known()[0].filename}",
        fix="make it with: descend init" if directory is None else f"make it with: descend init {directory}",
    )


# ------------------------------------------------------------------------------------------- words


def _statement(exercise: Exercise, folder: Path, console: Console) -> None:
    from rich.markdown import Markdown

    from descend.cli.mathematics import readable
    from descend.guide.workspace import statement

    console.print()
    console.print(Markdown(readable(statement(exercise, folder))), soft_wrap=False)
    console.print()


def _told(report: Report, exercise: Exercise, folder: Path, console: Console) -> None:
    _notice(report.notice, console)
    if report.printed:
        console.print(f"Your code printed:\n{report.printed}", style="dim", markup=False)
    for sentence in report.held:
        console.print(f"  [green]holds[/green]   {_escaped(sentence)}")
    if report.diagnosis is None:
        console.print(f"\nExercise {exercise.number} has passed: {exercise.title}.", style="bold green", markup=False)
        console.print(f"Train with your code: {_command('train', 'digits-mlp', '--with', folder)}", markup=False)
        return
    console.print(f"  [red]wrong[/red]   {_escaped(report.diagnosis.message)}")
    if report.diagnosis.evidence:
        console.print(f"\n{report.diagnosis.evidence}", style="dim", markup=False)
    if report.hints_available:
        console.print(f"\nFor a hint ({report.hints_available} left): descend hint {exercise.name}", markup=False)


def _command(*words: str | Path) -> str:
    """A command that works in whatever folder it is typed."""
    return shlex.join(["descend", *(str(word.resolve() if isinstance(word, Path) else word) for word in words)])


def _standing(standing: Standing) -> str:
    if standing.passed:
        return "passed"
    return "begun" if standing.checks else "not begun"


def _notice(text: str, console: Console) -> None:
    if text:
        console.print(text, style="yellow", markup=False)


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
