"""`descend data`: the data sets, where they are, and fetching them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from descend.cli.options import Json
from descend.cli.result import Result
from descend.cli.screen import screen, table

if TYPE_CHECKING:
    from descend.data import DatasetInfo

app = typer.Typer(
    help="""List, fetch and inspect data sets.

    A data set is looked for in the package, in the directory that DESCEND_DATA names, and in the cache; then
    it is fetched.

    \b
    Examples:
      descend data
      descend data get mnist
      descend data info mnist --data path/to/files
    """,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of a data set; descend data lists them.")]
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
    console.print(f"{name}: {len(found.train):,} + {len(found.test):,} examples in {found.found}", markup=False)
    return [Result(name=name, details=_details(info(name)))]


@app.command("info")
def info_(name: Name, root: Root = None, json: Json = False) -> list[Result]:
    """Show what a data set holds.

    \b
    Examples:
      descend data info digits
      descend data info mnist --data path/to/files
    """
    from descend.cli.fetching import shown
    from descend.data import info, load

    about = info(name)
    console = screen(json)
    with shown(console) as progress:
        found = load(name, root, progress)
    facts = {
        "about": about.about,
        "where": found.found,
        "training examples": f"{len(found.train):,} of shape {found.train.x.shape[1:]}",
        "test examples": f"{len(found.test):,}",
        "classes": ", ".join(found.classes),
        "licence": found.licence,
        "source": found.source,
        "fingerprint": found.fingerprint,
    }
    table(console, ("", name), list(facts.items()))
    metrics = {"train": len(found.train), "test": len(found.test), "classes": len(found.classes)}
    return [Result(name=name, metrics=metrics, details={**_details(about), **facts})]


def megabytes(size: int) -> str:
    """A number of bytes as people read it."""
    return f"{size / 1e6:.1f} MB"


def _details(one: DatasetInfo) -> dict[str, object]:
    return {
        "about": one.about,
        "licence": one.licence,
        "source": one.source,
        "bytes": one.bytes,
        "found": one.found,
    }
