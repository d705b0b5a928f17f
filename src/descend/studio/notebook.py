"""A lab as a Jupyter notebook: the same computation with the same parameters, in code that one can change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from descend.engine.errors import UsageError


@dataclass(frozen=True)
class Cell:
    """A piece of a notebook: `kind` is "markdown" or "code"."""

    kind: str
    text: str


def prose(text: str) -> Cell:
    """Words, in Markdown."""
    return Cell("markdown", dedent(text).strip())


def code(text: str) -> Cell:
    """Lines to run."""
    return Cell("code", dedent(text).strip())


def values(**named: Any) -> Cell:
    """A cell that gives values names, one a line."""
    return Cell("code", "\n".join(f"{name} = {value!r}" for name, value in named.items()))


def written(title: str, question: str, cells: Iterable[Cell]) -> str:
    """The text of an .ipynb file, under the lab's title and question.

    Raises:
        UsageError: there are no cells; this lab is none to be computed again.
    """
    body = list(cells)
    if not body:
        raise UsageError(f"{title} cannot be kept as a notebook")
    head = prose(f"# {title}\n\n{question[:1].upper()}{question[1:]}\n\nIt needs `descend`, and no network.")
    notebook = {
        "cells": [_row(place, cell) for place, cell in enumerate([head, *body])],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _row(place: int, cell: Cell) -> dict[str, Any]:
    row = {"cell_type": cell.kind, "id": f"cell-{place}", "metadata": {}, "source": cell.text.splitlines(keepends=True)}
    return row | {"execution_count": None, "outputs": []} if cell.kind == "code" else row
