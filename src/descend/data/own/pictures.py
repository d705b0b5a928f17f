"""Folders of pictures, a folder for each class, and tables of pictures in Parquet."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array
from descend.data.errors import DataError
from descend.data.formats import parquet
from descend.data.formats.pictures import SUFFIXES, decode
from descend.data.own.collected import Collected, Problem, nothing
from descend.data.own.folders import listing, walk
from descend.data.own.parting import part

Size = tuple[int, int]


@dataclass(frozen=True)
class _Source:
    """A picture that is still encoded. label: its class, -1 without one."""

    name: str
    content: Path | bytes
    label: int
    part: str


@dataclass(frozen=True)
class _Place:
    """Where pictures are, and what was found there before any of them was opened."""

    kind: str
    path: Path
    sources: list[_Source]
    classes: tuple[str, ...]
    problems: Sequence[Problem] = ()
    ignored: int = 0


def folder(path: Path, size: Size | None = None, colour: bool | None = None) -> Collected:
    """The pictures under a folder. size: (h, w) that all are resized to. colour: what all are made into."""
    found = listing(path, SUFFIXES)
    number = {name: i for i, name in enumerate(found.classes)}
    sources = [_Source(str(one.path), one.path, number.get(one.label, -1), one.part) for one in found.files]
    place = _Place("pictures in folders", path, sources, found.classes, found.problems, found.ignored)
    return _collected(place, size, colour)


def table(path: Path, size: Size | None = None, colour: bool | None = None) -> Collected:
    """The pictures of one Parquet file, or of a folder with train-*.parquet and test-*.parquet."""
    files = [path] if path.is_file() else [file for file in walk(path) if file.suffix == ".parquet"]
    tables = [(file, parquet.read(file)) for file in files]
    sources = [
        _Source(f"{file} row {i}", picture, rows.labels[i] if rows.labels else -1, part(file.name))
        for file, rows in tables
        for i, picture in enumerate(rows.pictures)
    ]
    return _collected(_Place("pictures in Parquet", path, sources, _classes(tables)), size, colour)


def _classes(tables: Sequence[tuple[Path, parquet.PictureTable]]) -> tuple[str, ...]:
    """The names that the tables have, otherwise numbers; none where a table lacks labels."""
    if any(rows.labels is None for _, rows in tables):
        return ()
    named = next((rows.classes for _, rows in tables if rows.classes), ())
    return named or tuple(map(str, range(max(max(rows.labels or [-1]) for _, rows in tables) + 1)))


def _collected(place: _Place, size: Size | None, colour: bool | None) -> Collected:
    kept, pictures, problems = _decoded(place.sources, size, colour)
    shape, odd = _odd(kept, pictures)
    problems += odd + _twice(kept, pictures, place.classes)
    fits = [i for i, picture in enumerate(pictures) if picture.shape == shape]
    x = np.stack([pictures[i] for i in fits]) if fits else np.empty((0, 1, 1, 1), np.uint8)
    y = np.array([kept[i].label for i in fits], np.int64) if place.classes else nothing(fits)
    names, parts = [kept[i].name for i in fits], [kept[i].part for i in fits]
    wrong = [*place.problems, *problems]
    return Collected(place.kind, place.path, x, y, names, parts, place.classes, wrong, place.ignored)


def _decoded(
    sources: Sequence[_Source], size: Size | None, colour: bool | None
) -> tuple[list[_Source], list[NDArray[np.uint8]], list[Problem]]:
    """What can be read, its pixels, and a problem for each of the rest."""
    kept, pictures, problems = list[_Source](), list[NDArray[np.uint8]](), list[Problem]()
    for source in sources:
        try:
            pictures.append(decode(source.content, source.name, colour=colour, size=size))
            kept.append(source)
        except DataError as error:
            problems.append(Problem(source.name, _bare(error), "remove it, or copy it again from where it came"))
    return kept, _same_channels(pictures), problems


def _bare(error: DataError) -> str:
    """The reason without the name of the file, which comes before it."""
    reason = error.problem.split(" is ", 1)[-1]
    return f"it is {reason}" + (f" ({error.given})" if error.given else "")


def _same_channels(pictures: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    if {len(one) for one in pictures} != {1, 3}:
        return list(pictures)
    return [np.repeat(one, 3, axis=0) if len(one) == 1 else one for one in pictures]


def _odd(sources: Iterable[_Source], pictures: Sequence[Array]) -> tuple[tuple[int, ...], list[Problem]]:
    """The most frequent shape, and a problem for each picture of another one."""
    shapes = Counter(picture.shape for picture in pictures)
    usual = shapes.most_common(1)[0][0] if shapes else ()
    words = f"{usual[-2]} x {usual[-1]}" if usual else ""
    return usual, [
        Problem(
            source.name,
            f"it is {picture.shape[1]} x {picture.shape[2]} pixels, most are {words}",
            f"have all resized: data.image_folder(path, size=({usual[-2]}, {usual[-1]}))",
        )
        for source, picture in zip(sources, pictures)
        if picture.shape != usual
    ]


def _twice(
    sources: Sequence[_Source], pictures: Sequence[NDArray[np.uint8]], classes: tuple[str, ...]
) -> list[Problem]:
    """A problem for each picture that stands under two classes: one of the labels is wrong."""
    seen, problems = dict[bytes, _Source](), list[Problem]()
    for source, picture in zip(sources, pictures):
        digest = hashlib.sha256(f"{picture.shape}".encode() + picture.tobytes()).digest()
        earlier = seen.setdefault(digest, source)
        if earlier.label != source.label:
            reason = f"it is the same picture as {earlier.name}, which stands for {classes[earlier.label]}"
            problems.append(Problem(source.name, reason, "remove the one with the wrong class"))
    return problems
