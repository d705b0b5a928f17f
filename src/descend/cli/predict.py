"""`descend predict`: show images to a trained network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from descend.cli.options import Json
from descend.cli.result import Result, told
from descend.cli.runs import Name, opened
from descend.cli.screen import screen, table

if TYPE_CHECKING:
    from descend.recipes.trained import Prediction, Unread
    from descend.train.runs import Run

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Image files: PNG, JPEG and others.")]


def predict(run: Name, files: Files, json: Json = False) -> list[Result]:
    """Show images to a trained network.

    It says which digit it sees in each, and how sure it is.

    Images are prepared as the training data were: grey, light on dark, cropped to the ink, centred on 28x28.
    A photograph of one digit on paper will do. A file that cannot be read is named, and the others are read.

    \b
    Examples:
      descend predict last digit.png
      descend predict 2026-01-31-mnist-lenet-1 *.png
    """
    from descend.recipes.trained import Unread
    from descend.recipes.trained import predict as read

    found = opened(run)
    console = screen(json)
    answers = read(found, files)
    read_ones = [one for one in answers if not isinstance(one, Unread)]
    if read_ones:
        rows = [(str(one.file), one.label, f"{100 * one.confidence:.1f} %") for one in read_ones]
        table(console, ("file", "read as", "sure"), rows)
    for one in answers:
        if isinstance(one, Unread):
            print(f"descend: {one.error}", file=sys.stderr)
    return [_unread(one, found) if isinstance(one, Unread) else _result(one, found) for one in answers]


def _result(one: Prediction, run: Run) -> Result:
    return Result(
        name=str(one.file),
        seed=run.info.seed,
        executor=run.info.executor,
        metrics={"confidence": one.confidence},
        details={"class": one.label, "probabilities": one.probabilities, "run": run.name},
    )


def _unread(one: Unread, run: Run) -> Result:
    return Result(name=str(one.file), passed=False, details={**told(one.error), "run": run.name})
