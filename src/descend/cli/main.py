"""The command line: `descend COMMAND`. A command returns results; here they become status and last line.

Exit status: 0 where the command succeeded, 1 where it failed, 2 where it was called wrongly.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Sequence
from typing import Annotated, cast

import typer
from typer.main import get_command

from descend.blas import hold_to_one_thread
from descend.cli import data, explain, learn, predict, recipes, reproduce, runs, studio, summary, train, version
from descend.cli.result import Report

FIRST_STEPS = """\
descend: deep learning that can be opened, changed and run

  descend studio               labs, exercises and runs, in the browser
  descend init                 a folder with the first exercise
  descend check                check your answer
  descend train digits-mlp     train a network on real digits, in seconds
  descend recipes              what else can be trained
  descend runs                 what has been trained, with its results

descend --help lists all commands; descend COMMAND --help explains one, with examples.
"""

# The class of all mistakes in calling a command, which typer does not export under a name of its own.
_WRONG_USAGE = cast("type[Exception]", typer.BadParameter.__mro__[1])
# What the parser says of a value, in the words of this house.
_WORDS = {
    "less than or equal to": "at most",
    "greater than or equal to": "at least",
    "a valid integer": "a whole number",
    "a valid number": "a number",
}

app = typer.Typer(
    name="descend",
    help="Deep learning that can be opened, changed and run.",
    epilog="Start with: descend init, or descend train digits-mlp",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
app.command("studio")(studio.studio)
app.command("init")(learn.init)
app.command("exercises")(learn.exercises)
app.command("check")(learn.check)
app.command("hint")(learn.hint)
app.command("recipes")(recipes.recipes)
app.command("train")(train.train)
app.command("reproduce")(reproduce.reproduce)
app.add_typer(runs.app, name="runs")
app.command("predict")(predict.predict)
app.command("summary")(summary.summary)
app.command("explain")(explain.explain)
app.add_typer(data.app, name="data")
app.command("version")(version.version)


@app.callback(invoke_without_command=True)
def first_steps(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Without a command: what to try first, or the version."""
    if context.invoked_subcommand is None:
        print(version.number() if show_version else FIRST_STEPS, end="\n" if show_version else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    hold_to_one_thread()
    began = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warned
            status, report = _run(given)
        if "--json" in given and report:
            seconds = time.perf_counter() - began
            print(
                Report(command=_command(given), results=report.results, seconds=seconds, error=report.error).to_json()
            )
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has gone, `head` say. Python would complain again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _warned(message: Warning | str, *_place: object, **_more: object) -> None:
    """What a warning says, without the place in the code that it comes from."""
    print(f"descend: {message}", file=sys.stderr)


def _run(given: list[str]) -> tuple[int, Report | None]:
    """The exit status, and the report that the command gives; None for help and first steps."""
    try:
        returned = get_command(app).main(args=given, prog_name="descend", standalone_mode=False)
    except _WRONG_USAGE as error:
        return _misused(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told, in JSON too
        from descend.engine.errors import DescendError

        if not isinstance(error, DescendError):
            return _broken(error)
        return _told(error)
    if not isinstance(returned, list):
        # Help, or Ctrl-C, which typer turns into a status of its own.
        return _failed(1, problem="stopped") if returned else (0, None)
    report = Report(command=_command(given), results=returned)
    return (0 if report.passed else 1), report


def _command(given: list[str]) -> str:
    return next((word for word in given if not word.startswith("-")), "descend")


def _failed(status: int, **parts: str | None) -> tuple[int, Report]:
    blank: dict[str, str | None] = dict.fromkeys(("problem", "given", "needed", "fix"))
    return status, Report(command="", results=[], error={**blank, **parts})


def _misused(error: Exception) -> tuple[int, Report]:
    """An option or command that does not exist, or an argument that is missing."""
    from descend.engine.errors import DescendError

    context = getattr(error, "ctx", None)
    path = context.command_path if context else "descend"
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    return _told(DescendError(_reworded(message), fix=f"see: {path} --help"), status=2)


def _reworded(message: str) -> str:
    """The parser's words about a value, in words for people."""
    option, told, wrong = message.removeprefix("Invalid value for ").partition(": Input should be ")
    if not told:
        return message
    words = wrong.partition(",")[0]
    for theirs, ours in _WORDS.items():
        words = words.replace(theirs, ours)
    return f"{option.strip(chr(39))} must be {words}"


def _told(error: Exception, status: int | None = None) -> tuple[int, Report]:
    from descend.engine.errors import DescendError, UsageError

    if not isinstance(error, DescendError):
        raise error
    print(f"descend: {error}", file=sys.stderr)
    wrong_usage = isinstance(error, UsageError)
    parts = {"problem": error.problem, "given": error.given, "needed": error.needed, "fix": error.fix}
    return _failed(status or (2 if wrong_usage else 1), **parts)


def _broken(error: Exception) -> tuple[int, Report]:
    """A bug of this library: the traceback is what is needed to mend it."""
    import traceback

    traceback.print_exception(error)
    print("descend: this is a bug; please report it with the lines above", file=sys.stderr)
    return _failed(1, problem=f"{type(error).__name__}: {error}")
