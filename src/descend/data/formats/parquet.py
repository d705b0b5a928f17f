"""Pictures and labels in Parquet tables, as Hugging Face lays them out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any

from descend.data.errors import DataError

_PICTURES, _LABELS = ("image", "img", "picture"), ("label", "labels", "fine_label", "target", "class")


@dataclass(frozen=True)
class PictureTable:
    """The rows of one table: encoded pictures, their labels, and the names of the classes, where the table has them."""

    pictures: list[bytes]
    labels: list[int] | None
    classes: tuple[str, ...]


def read(path: Traversable) -> PictureTable:
    """The pictures and labels of a table: a column image or img of struct(bytes, path), and a column of integers label.

    Needs pyarrow (`pip install descend[parquet]`). Raises DataError, naming the file, without it and for other tables.
    """
    table = _table(path)
    column = _column(table, _PICTURES, path)
    pictures = [row["bytes"] if isinstance(row, dict) else row for row in table[column].to_pylist()]
    wrong = next((i for i, one in enumerate(pictures) if not isinstance(one, bytes)), None)
    if wrong is not None:
        raise DataError(f"{path} holds no picture in row {wrong}", needed=f"bytes in the column {column}")
    named = next((name for name in _LABELS if name in table.column_names), None)
    labels, classes = _labels(table, named, path), _classes(table, named)
    if labels and classes and max(labels) >= len(classes):
        raise DataError(
            f"{path} holds a label without a class", given=f"{max(labels)}", needed=f"0 to {len(classes) - 1}"
        )
    return PictureTable(pictures, labels, classes)


def _table(path: Traversable) -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise DataError(
            f"{path} cannot be read without pyarrow", fix='pip install "descend[parquet]", or pip install pyarrow'
        ) from None
    try:
        with path.open("rb") as file:
            return pyarrow.parquet.read_table(file)
    except (OSError, pyarrow.ArrowException) as error:
        raise DataError(f"{path} is no whole Parquet file", given=str(error), fix="copy it again") from error


def _column(table: Any, names: tuple[str, ...], path: Traversable) -> str:
    for name in names:
        if name in table.column_names:
            return name
    raise DataError(
        f"{path} has no column of pictures",
        given=f"the columns {', '.join(table.column_names)}",
        needed=f"one named {', '.join(names)}",
        fix="a table of numbers is read from CSV: pandas.read_parquet(path).to_csv('x.csv', index=False)",
    )


def _labels(table: Any, name: str | None, path: Traversable) -> list[int] | None:
    if name is None:
        return None
    labels = table[name].to_pylist()
    wrong = next((i for i, one in enumerate(labels) if not isinstance(one, int) or one < 0), None)
    if wrong is not None:
        raise DataError(
            f"{path} has no class number in row {wrong} of {name}", given=repr(labels[wrong]), needed="0, 1, 2, ..."
        )
    return list(labels)


def _classes(table: Any, name: str | None) -> tuple[str, ...]:
    noted: Any = json.loads((table.schema.metadata or {}).get(b"huggingface", b"{}"))
    for key in ("info", "features", name, "names"):
        noted = noted.get(key, {}) if isinstance(noted, dict) else {}
    return tuple(noted)
