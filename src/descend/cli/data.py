"""`descend data`: the data sets, where they are, fetching them, and what one's own files hold."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from descend.cli.options import Json
from descend.cli.result import Result
from descend.cli.screen import screen, table

if TYPE_CHECKING:
    from descend.data import DatasetInfo, Problem

_MOST_PROBLEMS = 20  # shown

app = typer.Typer(
    help="""List, fetch and inspect data sets.

    A data set is looked for in the package, in the directory that DESCEND_DATA names, and in the cache; then
    it is fetched.

    \b
    Examples:
      descend data
      descend data get mnist
      descend data info mnist --data path/to/files
      descend data info path/to/my/pictures
    """,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of a data set; descend data lists them.")]
NameOrPath = Annotated[
    str, typer.Argument(metavar="NAME|PATH", help="The name of a data set, or a file or folder of your own.")
]
Root = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Read the files in this directory.")]


@app.callback(invoke_without_command=True)
def data(context: typer.Context, json: Json = False) -> list[Result] | None:
    """Without a command, the list."""
    return list_(json=json) if context.invoked_subcommand is None else None


@app.command("list")
def list_(json: Json = False) -> list[Result]:
    """List the data sets, and where each is now.

    \b
    Examples:
      descend data list
      descend data list --json
    """
    from descend.data import info, names

    facts = [info(name) for name in names()]
    rows = [(one.name, megabytes(one.bytes), one.found or "not fetched yet", one.about) for one in facts]
    table(screen(json), ("name", "size", "where", "what it is"), rows)
    return [Result(name=one.name, details=_details(one)) for one in facts]


@app.command()
def get(name: Name, json: Json = False) -> list[Result]:
    """Fetch a data set, unless it is there already.

    Every file is checked against its checksum. An interrupted download goes on where it broke off.

    \b
    Examples:
      descend data get mnist
    """
    from descend.cli.fetching import shown
    from descend.data import info, load

    console = screen(json)
    with shown(console) as progress:
        found = load(name, progress=progress)
    console.print(f"{name}: {len(found.train):,} + {len(found.test):,} examples, {_place(found.found)}", markup=False)
    return [Result(name=name, details=_details(info(name)))]


@app.command("info")
def info_(name: NameOrPath, root: Root = None, json: Json = False) -> list[Result]:
    """Show what a data set holds, or what is in your own files and what is wrong with them. Nothing is fetched.

    \b
    Examples:
      descend data info digits
      descend data info mnist --data path/to/files
      descend data info path/to/my/pictures
    """
    from descend.data import info, named, names

    if name in names():
        return _by_name(name, root, json) if root or info(name).found else _not_fetched(name, json)
    place = Path(name).expanduser().resolve()
    if named(place):
        return _by_name(place.name, place.parent, json)
    return _own(name, json) if place.exists() else _by_name(name, root, json)


def _not_fetched(name: str, json: bool) -> list[Result]:
    from descend.data import info

    about = info(name)
    facts = {
        "about": about.about,
        "where": f"not fetched yet; to fetch it: descend data get {name}",
        "size": megabytes(about.bytes),
        "comes from": ", else ".join(about.mirrors),
        "split": about.split,
        "licence": about.licence,
        "source": about.source,
    }
    table(screen(json), ("", name), list(facts.items()))
    return [Result(name=name, details={**_details(about), **facts})]


def _by_name(name: str, root: Path | None, json: bool) -> list[Result]:
    from descend.data import described, info, load

    about, found = info(name), load(name, root)
    facts = {
        "about": about.about,
        "where": found.found,
        "split": about.split,
        "training examples": f"{len(found.train):,}: {described(found.train.x)}",
        "test examples": f"{len(found.test):,}",
        "classes": ", ".join(found.classes) or "none",
        "licence": found.licence,
        "source": found.source,
        "fingerprint": found.fingerprint,
    }
    table(screen(json), ("", name), list(facts.items()))
    metrics = {"train": len(found.train), "test": len(found.test), "classes": len(found.classes)}
    return [Result(name=name, metrics=metrics, details={**_details(about), **facts})]


def _own(path: str, json: bool) -> list[Result]:
    from dataclasses import asdict

    from descend.data import inspect

    report, console = inspect(path), screen(json)
    table(console, ("", Path(path).name), list(report.facts.items()))
    if report.problems:
        console.print("\nWhat keeps it from being used as it is:")
        shown = report.problems[:_MOST_PROBLEMS]
        inside = f"{report.place}{os.sep}"
        table(console, ("file", "problem"), [(one.file.removeprefix(inside), _with_cure(one)) for one in shown])
        if len(report.problems) > _MOST_PROBLEMS:
            console.print(f"and {len(report.problems) - _MOST_PROBLEMS} more; all of them with --json")
    metrics = {"examples": report.examples, "classes": len(report.counts), "problems": len(report.problems)}
    details = {**report.facts, "counts": report.counts, "files": [asdict(one) for one in report.problems]}
    return [Result(name=report.place, metrics=metrics, passed=not report.problems, details=details)]


def _with_cure(problem: Problem) -> str:
    return f"{problem.reason}; {problem.fix}" if problem.fix else problem.reason


def _place(found: str) -> str:
    return f"in {found}" if Path(found).is_absolute() else found


def megabytes(size: int) -> str:
    """A number of bytes as people read it; 0 stands for one that is not known."""
    return f"{size / 1e6:.1f} MB" if size else "not stated"


def _details(one: DatasetInfo) -> dict[str, object]:
    return {
        "about": one.about,
        "licence": one.licence,
        "source": one.source,
        "bytes": one.bytes,
        "split": one.split,
        "found": one.found,
    }
