"""Fetching a data set into the cache. A file there is whole and checked, or it is not there."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pooch

from descend.data.datasets.entry import DataFile, Entry
from descend.data.datasets.progress import Listener, Progress, silent
from descend.data.datasets.transfer import Patience, Transfer
from descend.data.errors import DataError
from descend.disk.durable import sync_folder
from descend.disk.lock import alone


def fetch(entry: Entry, folder: Path, progress: Listener = silent, patience: Patience | None = None) -> Path:
    """The folder, with every file of the data set in it, checked against its checksum.

    A file that is there and right is left alone, one that is there and wrong is fetched anew. Of several
    processes one downloads and the others wait for it.
    Raises DownloadError where no address delivers a file, DataError where the folder cannot be written.
    """
    shop = pooch.Pooch(path=folder, base_url="", registry={file.name: file.checksum for file in entry.files})
    with _keeping(folder), _quiet():
        # Without a lock first: a cache that is complete may belong to somebody else.
        if not all(_is_there(shop, file) for file in entry.files):
            folder.mkdir(parents=True, exist_ok=True)
            with alone(folder / ".lock", lambda: progress(_waiting(entry))):
                _fill(shop, entry, progress, patience or Patience())
    return folder


def _fill(shop: pooch.Pooch, entry: Entry, progress: Listener, patience: Patience) -> None:
    folder = Path(shop.path)
    # Left by pooch in a process that was killed; whoever holds the lock knows that nobody is using them.
    for stray in folder.glob("tmp*"):
        stray.unlink()
    for file in entry.files:
        shop.fetch(file.name, downloader=Transfer(file, entry.mirrors, progress, patience))
    sync_folder(folder)


def _is_there(shop: pooch.Pooch, file: DataFile) -> bool:
    path = Path(shop.path) / file.name
    algorithm, _, digest = file.checksum.partition(":")
    return path.is_file() and bool(pooch.file_hash(str(path), alg=algorithm) == digest)


def _waiting(entry: Entry) -> Progress:
    return Progress(entry.name, 0, entry.bytes, "another process is fetching it: waiting")


@contextmanager
def _quiet() -> Iterator[None]:
    # pooch announces each download on standard error; here the listener does.
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _keeping(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise DataError(
            f"the disk is full: the data set cannot be kept in {folder}"
            if full
            else f"the data set cannot be kept in {folder}",
            given=str(error),
            needed="a folder that can be written",
            fix="free some space and try again: what has arrived is kept"
            if full
            else "set DESCEND_HOME to a folder that you may write, or DESCEND_DATA to one that has the data",
        ) from error
