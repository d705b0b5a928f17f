"""The catalogue of data sets by name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from descend.data.dataset import Dataset
from descend.data.datasets import places
from descend.data.datasets.cifar10 import CIFAR10
from descend.data.datasets.digits import DIGITS
from descend.data.datasets.entry import Entry
from descend.data.datasets.fsdd import FSDD
from descend.data.datasets.mnist import MNIST
from descend.data.datasets.movie_reviews import MOVIE_REVIEWS
from descend.data.datasets.olivetti import OLIVETTI
from descend.data.datasets.progress import Listener, silent
from descend.data.datasets.tiny_shakespeare import TINY_SHAKESPEARE
from descend.engine.errors import UsageError, near_miss

_ENTRIES = (CIFAR10, DIGITS, FSDD, MNIST, MOVIE_REVIEWS, OLIVETTI, TINY_SHAKESPEARE)
CATALOGUE = {entry.name: entry for entry in _ENTRIES}


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of a data set before it is read.

    bytes: the size of its files, 0 where it is not known. split: how it was divided into training and test examples.
    found: the place that `load` would read, None where it would have to fetch. mirrors: the addresses to fetch from.
    """

    name: str
    about: str
    licence: str
    source: str
    bytes: int
    split: str
    found: str | None
    mirrors: tuple[str, ...]


def names() -> tuple[str, ...]:
    """The names that `load` takes, in alphabetical order."""
    return tuple(sorted(CATALOGUE))


def info(name: str) -> DatasetInfo:
    """The facts about a data set; nothing is fetched. Raises UsageError for an unknown name."""
    entry = _entry(name)
    found = places.found(entry)
    return DatasetInfo(name, entry.about, entry.licence, entry.source, entry.bytes, entry.split, found, entry.mirrors)


def holds(root: str | Path, name: str) -> bool:
    """Whether a directory has the files of the data set of that name, in a folder of its name."""
    return _entry(name).form(Path(root).expanduser() / name) is not None


def named(path: str | Path) -> bool:
    """Whether a folder bears the name of a data set and has its files."""
    place = Path(path).expanduser().resolve()
    return place.name in CATALOGUE and holds(place.parent, place.name)


def load(name: str | Path, root: str | Path | None = None, progress: Listener = silent) -> Dataset:
    """The data set of that name, or the one in the file or folder of that path (see `data.own`).

    Looked for in `root` alone where it is given; otherwise in the package, in the directory that DESCEND_DATA
    names, in the cache (DESCEND_HOME/data), and last on the network, with `progress` called on each Progress
    event. A directory holds the files in a folder of the data set's name.
    Warns (DataWarning) where DESCEND_DATA is set and lacks the set.
    Raises UsageError for an unknown name, DataError for a path that is not there and for files that are missing
    from `root` or damaged, DownloadError where no address delivers.
    """
    if name not in CATALOGUE and _is_path(name):
        place = Path(name).expanduser().resolve()
        if named(place):
            return load(place.name, place.parent, progress)
        # Imported here: whoever asks for a set by name needs no readers of pictures and tables.
        from descend.data.own import load_path

        return load_path(name)
    name = str(name)
    entry = _entry(name)
    folder = places.locate(entry, root, progress)
    train, test = (entry.form(folder) or entry).read(folder)
    found = "inside the package" if root is None and not entry.mirrors else str(folder)
    return Dataset(name, train, test, entry.classes, entry.source, entry.licence, found, entry.rate)


def _is_path(name: str | Path) -> bool:
    return isinstance(name, Path) or "/" in name or os.sep in name or Path(name).exists()


def _entry(name: str) -> Entry:
    if name in CATALOGUE:
        return CATALOGUE[name]
    raise UsageError(
        f"there is no data set {name!r}",
        needed="one of " + ", ".join(names()) + ", or the path of a file or folder",
        fix=near_miss(name, names()) or None,
    )
