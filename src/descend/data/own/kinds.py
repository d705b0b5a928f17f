"""Telling what somebody's files are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from descend.data.errors import DataError
from descend.data.formats.pictures import SUFFIXES as PICTURES
from descend.data.own import arrays, pictures, tables, texts, waves
from descend.data.own.collected import Collected
from descend.data.own.folders import walk

Reader = Callable[[Path], Collected]


@dataclass(frozen=True)
class Kind:
    """A sort of data: the endings of its files, and how one file or a folder of them is read; None where it is not."""

    name: str
    suffixes: AbstractSet[str]
    file: Reader | None
    folder: Reader


KINDS = (
    Kind("pictures", PICTURES, None, pictures.folder),
    Kind("pictures in Parquet", frozenset({".parquet"}), pictures.table, pictures.table),
    Kind("recordings", waves.SUFFIXES, None, waves.folder),
    Kind("arrays", arrays.SUFFIXES, arrays.load, arrays.load),
    Kind("tables", tables.SUFFIXES, tables.load, tables.load),
    Kind("texts", texts.SUFFIXES, texts.file, texts.folder),
)


def collect(path: str | Path) -> Collected:
    """What is in a file or a folder, read as the kind that most of its files are of. DataError for none."""
    place = Path(path).expanduser()
    if not place.exists():
        raise DataError(f"there is no file or folder {place}")
    endings = _endings(place)
    kind = _kind(endings)
    if kind is None or (place.is_file() and kind.file is None):
        raise _unknown(place, endings)
    return (kind.file if kind.file and place.is_file() else kind.folder)(place)


def recognised(path: str | Path) -> bool:
    """Whether there are files of a kind that can be read; none is opened."""
    place = Path(path).expanduser()
    return place.exists() and _kind(_endings(place)) is not None


def _endings(place: Path) -> Counter[str]:
    return Counter(one.suffix.lower() for one in ([place] if place.is_file() else walk(place)))


def _kind(endings: Counter[str]) -> Kind | None:
    kind = max(KINDS, key=lambda kind: sum(endings[suffix] for suffix in kind.suffixes))
    return kind if any(endings[suffix] for suffix in kind.suffixes) else None


def _unknown(place: Path, endings: Counter[str]) -> DataError:
    held = ", ".join(f"{n} {ending or 'without an ending'}" for ending, n in endings.most_common(5))
    return DataError(
        f"it cannot be told what {place} holds",
        given=held or "an empty folder",
        needed="a folder of pictures or recordings with a folder for each class, or a .parquet, .csv, .npz or .txt",
    )
