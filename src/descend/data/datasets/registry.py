"""The catalogue of data sets by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from descend.data.dataset import Dataset
from descend.data.datasets import places
from descend.data.datasets.digits import DIGITS
from descend.data.datasets.entry import Entry
from descend.data.datasets.mnist import MNIST
from descend.data.datasets.progress import Listener, silent
from descend.engine.errors import UsageError, near_miss

CATALOGUE = {entry.name: entry for entry in (DIGITS, MNIST)}


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of a data set before it is read.

    bytes: the size of its files. found: the place that `load` would read, None where it would have to fetch.
    """

    name: str
    about: str
    licence: str
    source: str
    bytes: int
    found: str | None


def names() -> tuple[str, ...]:
    """The names that `load` takes, in alphabetical order."""
    return tuple(sorted(CATALOGUE))


def info(name: str) -> DatasetInfo:
    """The facts about a data set; nothing is fetched. Raises UsageError for an unknown name."""
    entry = _entry(name)
    return DatasetInfo(name, entry.about, entry.licence, entry.source, entry.bytes, places.found(entry))


def load(name: str, root: str | Path | None = None, progress: Listener = silent) -> Dataset:
    """The data set of that name.

    Looked for in `root` alone where it is given; otherwise in the package, in the directory that DESCEND_DATA
    names, in the cache (DESCEND_HOME/data), and last on the network, with `progress` called on each Progress
    event. A directory holds the files in a folder of the data set's name.
    Warns (DataWarning) where DESCEND_DATA is set and lacks the set.
    Raises UsageError for an unknown name, DataError for files that are missing from `root` or damaged,
    DownloadError where no address delivers.
    """
    entry = _entry(name)
    folder = places.locate(entry, root, progress)
    train, test = entry.read(folder)
    place = "inside the package" if root is None and not entry.mirrors else str(folder)
    return Dataset(name, train, test, entry.classes, entry.source, entry.licence, place)


def _entry(name: str) -> Entry:
    if name in CATALOGUE:
        return CATALOGUE[name]
    raise UsageError(
        f"there is no data set {name!r}",
        needed="one of " + ", ".join(names()),
        fix=near_miss(name, names()) or None,
    )
