"""The files in a tar, in a zip or in a folder, by name."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from typing import IO, cast

from descend.data.errors import DataError

_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, OSError)


def members(path: Traversable, suffix: str) -> dict[str, bytes]:
    """The content of every file whose name ends in `suffix`, by its name without folders, in alphabetical order.

    path: a folder, or a tar (packed or not) or zip archive, told apart by what they hold.
    Raises DataError where the archive is damaged or cut short, or holds no such file.
    """
    try:
        found = dict(sorted(_entries(path, suffix)))
    except _DAMAGE as error:
        raise DataError(
            f"{path} cannot be read: it is damaged or cut short",
            given=str(error) or type(error).__name__,
            needed="a whole tar or zip archive, or a folder",
            fix="delete it and fetch it again, or copy it again from where it came",
        ) from error
    if not found:
        raise DataError(f"{path} holds no {suffix} files")
    return found


def _entries(path: Traversable, suffix: str) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        yield from ((file.name, file.read_bytes()) for file in path.iterdir() if file.name.endswith(suffix))
        return
    with path.open("rb") as file:
        packed = file.read(4) == b"PK\3\4"
        file.seek(0)
        yield from (_zipped if packed else _tarred)(file, suffix)


def _zipped(file: IO[bytes], suffix: str) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(suffix):
                yield _bare(entry.filename), archive.read(entry)


def _tarred(file: IO[bytes], suffix: str) -> Iterator[tuple[str, bytes]]:
    stream = _unpacked(file)
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for entry in archive:
            if entry.isfile() and entry.name.endswith(suffix):
                content = archive.extractfile(entry)
                yield _bare(entry.name), b"" if content is None else content.read()
    # tarfile takes a packed stream that ends early for a finished archive: its end, with its sum, has to be read.
    while stream.read(1 << 20):
        pass


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    head = file.read(6)
    file.seek(0)
    for magic, opened in ((b"\x1f\x8b", gzip.open), (b"\xfd7zXZ", lzma.open), (b"BZh", bz2.open)):
        if head.startswith(magic):
            return cast("IO[bytes]", opened(file))
    return file


def _bare(name: str) -> str:
    return name.rsplit("/", 1)[-1]
