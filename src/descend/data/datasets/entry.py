"""What the catalogue holds about a data set: the facts, the files, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from descend.data.dataset import Split
from descend.data.errors import DataError


@dataclass(frozen=True)
class DataFile:
    """One file of a data set: its name, its size in bytes and its checksum, "md5:..." or "sha256:..."."""

    name: str
    size: int
    checksum: str


@dataclass(frozen=True)
class Entry:
    """A data set of the catalogue.

    mirrors: addresses that end in a slash, tried in order; none for a set that ships inside the package.
    read: the folder with the files -> the training and the test split.
    """

    name: str
    about: str
    source: str
    licence: str
    classes: tuple[str, ...]
    files: tuple[DataFile, ...]
    mirrors: tuple[str, ...]
    read: Callable[[Traversable], tuple[Split, Split]]

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


def find(folder: Traversable, name: str) -> Traversable | None:
    """The file `name` in the folder, or its unpacked form without ".gz"; None where neither is there."""
    try:
        spellings = (folder / name, folder / name.removesuffix(".gz"))
        return next((path for path in spellings if path.is_file()), None)
    except OSError as error:
        raise DataError(f"{folder} cannot be read", given=str(error)) from error


def missing(folder: Traversable, files: tuple[DataFile, ...]) -> list[str]:
    """The names of the files that the folder lacks."""
    return [file.name for file in files if find(folder, file.name) is None]
