"""What the catalogue holds about a data set: the facts, the files, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from descend.data.dataset import Split
from descend.data.errors import DataError

Read = Callable[[Traversable], tuple[Split, Split]]
"""The folder with the files -> the training and the test split."""


@dataclass(frozen=True)
class DataFile:
    """One file of a data set: its name, its size in bytes and its checksum, "md5:..." or "sha256:...".

    size: None where the publisher states none; the checksum decides then.
    """

    name: str
    size: int | None
    checksum: str


@dataclass(frozen=True)
class Form:
    """A form in which a data set may be found: the names of its files (of folders, with a slash) and how to read it."""

    names: tuple[str, ...]
    read: Read


@dataclass(frozen=True)
class Entry:
    """A data set of the catalogue.

    mirrors: addresses, tried in order; none for a set that ships inside the package. One that ends in a slash is
    the folder that the files are in, any other one is the file itself.
    others: forms besides the published one that are read where they are found.
    rate: samples a second, of sound. split: who or what divided it into training and test examples.
    """

    name: str
    about: str
    source: str
    licence: str
    classes: tuple[str, ...]
    files: tuple[DataFile, ...]
    mirrors: tuple[str, ...]
    read: Read
    others: tuple[Form, ...] = ()
    rate: int | None = None
    split: str = "as published"

    @property
    def bytes(self) -> int:
        return sum(file.size or 0 for file in self.files)

    @property
    def forms(self) -> tuple[Form, ...]:
        """All of them, the published one first."""
        return (Form(tuple(file.name for file in self.files), self.read), *self.others)

    def form(self, folder: Traversable) -> Form | None:
        """The first form that is in the folder, None where none is."""
        return next((form for form in self.forms if not missing(folder, form.names)), None)


def find(folder: Traversable, name: str) -> Traversable | None:
    """The file `name` in the folder, or its unpacked form without ".gz"; None where neither is there.

    A name that ends in a slash is that of a folder.
    """
    try:
        spellings = (folder / name, folder / name.removesuffix(".gz"))
        return next((path for path in spellings if (path.is_dir() if name.endswith("/") else path.is_file())), None)
    except OSError as error:
        raise DataError(f"{folder} cannot be read", given=str(error)) from error


def missing(folder: Traversable, names: tuple[str, ...]) -> list[str]:
    """The names of the files that the folder lacks."""
    return [name for name in names if find(folder, name) is None]
