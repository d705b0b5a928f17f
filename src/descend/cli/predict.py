"""`descend predict`: show images to a trained network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from descend.cli.options import Json
from descend.cli.result import Result
from descend.cli.runs import Name, opened
from descend.cli.screen import screen, table

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Image files: PNG, JPEG and others.")]


def predict(run: Name, files: Files, json: Json = False) -> list[Result]:
    """Show images to a trained network.

    It says which digit it sees in each, and how sure it is.

    Images are prepared as the training data were: grey, light on dark, cropped to the ink, centred on 28x28.
    A photograph of one digit on paper will do.

    \b
    Examples:
      descend predict last digit.png
      descend predict 2026-01-31-mnist-lenet-1 *.png
    """
    from descend.recipes.trained import predict as read

    found = opened(run)
    predictions = read(found, files)
    rows = [(str(one.file), one.label, f"{100 * one.confidence:.1f} %") for one in predictions]
    table(screen(json), ("file", "read as", "sure"), rows)
    return [
        Result(
            name=str(one.file),
            seed=found.info.seed,
            executor=found.info.executor,
            metrics={"confidence": one.confidence},
            details={"class": one.label, "probabilities": one.probabilities, "run": found.name},
        )
        for one in predictions
    ]
