"""Tables of text: CSV with numbers and categories in its columns, one of them to be predicted."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array
from descend.data.errors import DataError
from descend.data.own.collected import Collected, Problem
from descend.data.own.folders import walk
from descend.data.own.parting import part
from descend.engine.errors import near_miss

SUFFIXES = frozenset({".csv", ".tsv"})
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
MOST_CLASSES = 20  # distinct whole numbers in the target column; with more it is an amount
_TARGETS = ("target", "label", "class", "y")
_MOSTLY = 0.9  # the part of its cells that makes a column one of numbers
_DELIMITERS = (",", ";", "\t")
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")


@dataclass(frozen=True)
class _Rows:
    """The cells of a table, and for each row the line and the part that it is from."""

    names: list[str]
    cells: list[list[str]]
    lines: list[str]
    parts: list[str]


def load(place: Path, target: str | None = None, leave_out: Sequence[str] = ()) -> Collected:
    """A CSV file, or a folder with train.csv and test.csv.

    The first line has the names of the columns unless one of its cells is a number. Columns of numbers stay numbers,
    categories become one column of 0 and 1 for each of their values.
    target: the column to predict, by default one named target, label, class or y, otherwise the last. It is a class
    where it holds words, or at most 20 different whole numbers; otherwise an amount, y of shape (n, 1).
    leave_out: columns that are not used.
    Between semicolons "0,5" is a number, unless the file has points in numbers too.
    Raises DataError for a column that is not there.
    """
    paths = [place] if place.is_file() else [path for path in walk(place) if path.suffix.lower() in SUFFIXES]
    rows, problems = _rows(paths)
    _once(rows.names, place)
    wanted = _target(rows.names, target, place)
    for name in leave_out:
        _known(rows.names, name, place)
    used = [i for i, name in enumerate(rows.names) if i != wanted and name not in leave_out]
    if not used:
        raise DataError(
            f"{place} has nothing to learn from", given=f"the columns {', '.join(rows.names)}", needed="two"
        )
    rows, problems = _whole(rows, [*used, wanted], problems)
    columns = [_column(rows, i, problems) for i in used]
    y, classes = _targets_of([row[wanted] for row in rows.cells])
    names = tuple(name for _, titles in columns for name in titles)
    x = np.concatenate([values for values, _ in columns], axis=1)
    return Collected("a table", place, x, y, rows.lines, rows.parts, classes, problems, columns=names)


def _rows(paths: Sequence[Path]) -> tuple[_Rows, list[Problem]]:
    rows, problems = _Rows([], [], [], []), list[Problem]()
    for path in paths:
        table = _table(path)
        headed = bool(table) and not any(_is_number(cell) for cell in table[0][1])
        names = table[0][1] if headed else [f"column {i + 1}" for i in range(len(table[0][1]))] if table else []
        if rows.names and names and names != rows.names:
            problems.append(Problem(str(path), f"its columns are {', '.join(names)}, not {', '.join(rows.names)}"))
            continue
        rows.names.extend(() if rows.names else names)
        for line, cells in table[1 if headed else 0 :]:
            if len(cells) == len(names):
                rows.cells.append(cells)
                rows.lines.append(f"{path} line {line}")
                rows.parts.append(part(path.name))
            else:
                reason = f"it has {len(cells)} cells, the first line has {len(names)}"
                problems.append(Problem(f"{path} line {line}", reason, "mend or remove the line"))
    return rows, problems


def _table(path: Path) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, with their numbers, counted from 1."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} cannot be read", given=str(error), needed="a table in UTF-8", fix="save it again as UTF-8"
        ) from error
    if not text.strip():
        raise DataError(f"{path} is empty", needed="a line with the names of the columns, and lines of values")
    first = text.lstrip().splitlines()[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise DataError(f"{path} line {reader.line_num} cannot be read", given=str(error)) from error
    return _with_points(rows) if delimiter == ";" else rows


def _with_points(rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Numbers with decimal commas as numbers with points, as spreadsheets of many countries write them."""
    if any("." in cell and _is_number(cell) for _, cells in rows for cell in cells):
        return rows
    return [
        (line, [cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell for cell in cells]) for line, cells in rows
    ]


def _is_number(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False


def _once(names: Sequence[str], place: Path) -> None:
    for name in names:
        if name and list(names).count(name) > 1:
            raise DataError(
                f"{place} has two columns {name!r}", given=f"the columns {', '.join(names)}", fix="rename one"
            )


def _target(names: Sequence[str], target: str | None, place: Path) -> int:
    if target is not None:
        return _known(names, target, place)
    lower = [name.lower() for name in names]
    return next((lower.index(word) for word in _TARGETS if word in lower), len(names) - 1)


def _known(names: Sequence[str], name: str, place: Path) -> int:
    if name in names:
        return list(names).index(name)
    raise DataError(
        f"{place} has no column {name!r}", given=f"the columns {', '.join(names)}", fix=near_miss(name, names) or None
    )


def _whole(rows: _Rows, used: Sequence[int], problems: Sequence[Problem]) -> tuple[_Rows, list[Problem]]:
    """The rows without missing cells in the columns that are used, and a problem for each of the others."""
    found, kept = list(problems), list[int]()
    for i, row in enumerate(rows.cells):
        gaps = [rows.names[j] for j in used if row[j].lower() in MISSING]
        if gaps:
            reason = f"there is nothing under {', '.join(gaps[:3])}"
            found.append(Problem(rows.lines[i], reason, "fill it in, remove the line, or leave the column out"))
        else:
            kept.append(i)
    cells, lines, parts = ([held[i] for i in kept] for held in (rows.cells, rows.lines, rows.parts))
    return _Rows(rows.names, cells, lines, parts), found  # type: ignore[arg-type]  # mypy joins the three lists


def _column(rows: _Rows, i: int, problems: list[Problem]) -> tuple[NDArray[np.float32], list[str]]:
    """The values of a column as numbers, shape (n, 1) or (n, k), and the names of what they are."""
    cells, name = [row[i] for row in rows.cells], rows.names[i]
    numeric = [_is_number(cell) for cell in cells]
    if sum(numeric) >= _MOSTLY * len(cells):
        problems += [
            Problem(rows.lines[n], f"{cells[n]!r} under {name} is no number", "mend or remove the line")
            for n, good in enumerate(numeric)
            if not good
        ]
        values = [float(cell) if good else 0 for cell, good in zip(cells, numeric)]
        return np.array(values, np.float32).reshape(-1, 1), [name]
    texts = sorted(set(cells))
    if len(texts) > max(MOST_CLASSES, len(cells) // 2):
        words = f"{len(texts)} different texts, {texts[0]!r:.40} among them, in {len(cells)} lines"
        reason = f"the column {name} has {words}: it is no category"
        problems.append(Problem(rows.lines[0].rsplit(" line ", 1)[0], reason, f"leave it out: leave_out=[{name!r}]"))
        return np.empty((len(cells), 0), np.float32), []
    chosen = np.array([[cell == text for text in texts] for cell in cells], np.float32)
    return chosen, [f"{name} = {text}" for text in texts]


def _targets_of(cells: Sequence[str]) -> tuple[Array, tuple[str, ...]]:
    """What is to be predicted, and the names of the classes, none for amounts."""
    values = set(cells)
    numeric = bool(values) and all(map(_is_number, values))
    if numeric and (len(values) > MOST_CLASSES or any(not float(cell).is_integer() for cell in values)):
        return np.array([[float(cell)] for cell in cells], np.float32), ()
    classes = tuple(sorted(values, key=float if numeric else None))
    number = {name: i for i, name in enumerate(classes)}
    return np.array([number[cell] for cell in cells], np.int64), classes
