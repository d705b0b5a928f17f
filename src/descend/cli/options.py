"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of the output.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Change a setting of the recipe. Repeatable."),
]
Epochs = Annotated[int | None, typer.Option("--epochs", help="The same as --set epochs=N.", metavar="N")]
Seed = Annotated[int | None, typer.Option("--seed", help="The same as --set seed=N.", metavar="N")]
Data = Annotated[
    str | None,
    typer.Option("--data", metavar="NAME|DIR", help="Train on another data set, or on the files in a directory."),
]
Directory = Annotated[
    Path | None, typer.Option("--dir", metavar="DIR", help="The folder with your answers; see descend init.")
]
