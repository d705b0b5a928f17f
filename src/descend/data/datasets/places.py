"""Where a data set is looked for: a named directory, DESCEND_DATA, the package, the cache, the network."""

from __future__ import annotations

import os
import warnings
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from descend.data.datasets.entry import Entry, missing
from descend.data.datasets.progress import Listener
from descend.data.errors import DataError, DataWarning


def home() -> Path:
    """The folder for everything that is kept between sessions: DESCEND_HOME, or ~/.descend."""
    return Path(os.environ.get("DESCEND_HOME") or "~/.descend").expanduser()


def cache(name: str) -> Path:
    """The folder that a downloaded data set is kept in."""
    return home() / "data" / name


def locate(entry: Entry, root: str | Path | None, progress: Listener) -> Traversable:
    """The folder with the files of a data set, fetched if need be.

    The order: root, where it is given; the package, for a set that ships inside it; DESCEND_DATA; the cache;
    the network. A directory of data sets holds each in a folder of its name.
    A file that is damaged where it is found first is an error, not a reason to look further.
    Raises DataError where root lacks the set, DownloadError where it is nowhere and cannot be fetched.
    """
    if root is not None:
        return _named(entry, Path(root).expanduser())
    if not entry.mirrors:
        return embedded(entry)
    return _mirrored(entry) or _fetched(entry, progress)


def found(entry: Entry) -> str | None:
    """Where the data set is now, as `locate` would look, without fetching or reading it; None if nowhere."""
    if not entry.mirrors:
        return "inside the package"
    root = _data_directory()
    places = [cache(entry.name)] if root is None else [root / entry.name, cache(entry.name)]
    return next((str(place) for place in places if entry.form(place)), None)


def embedded(entry: Entry) -> Traversable:
    """The folder inside the package."""
    return files("descend.data") / "embedded" / entry.name


def _data_directory() -> Path | None:
    named = os.environ.get("DESCEND_DATA")
    return Path(named).expanduser() if named else None


def _named(entry: Entry, root: Path) -> Path:
    if lack := _lack(entry, root):
        raise DataError(
            f"{root} does not hold the data set {entry.name!r}",
            given=lack,
            needed=f"{root / entry.name} with {' or '.join(', '.join(form.names) for form in entry.forms)}",
            fix="name the directory above the data set's folder, or none to have it found or fetched",
        )
    return root / entry.name


def _mirrored(entry: Entry) -> Path | None:
    root = _data_directory()
    if root is None:
        return None
    if lack := _lack(entry, root):
        warnings.warn(
            f"DESCEND_DATA does not hold the data set {entry.name!r}: {lack}. "
            f"Going on to the cache, {cache(entry.name)}, and the network.",
            DataWarning,
            stacklevel=4,
        )
        return None
    return root / entry.name


def _lack(entry: Entry, root: Path) -> str:
    """Why the directory does not hold the data set; "" where it does."""
    folder = root / entry.name
    for directory in (root, folder):
        if not directory.is_dir():
            return f"there is no directory {directory}"
    if entry.form(folder):
        return ""
    return f"{folder} lacks {', or '.join(', '.join(missing(folder, form.names)) for form in entry.forms)}"


def _fetched(entry: Entry, progress: Listener) -> Path:
    # Imported here: whoever has the data already need not wait for an HTTP library.
    from descend.data.datasets.download import fetch

    place = cache(entry.name)
    return place if entry.form(place) in entry.others else fetch(entry, place, progress)
