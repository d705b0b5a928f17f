"""Writing to disk so that a file is whole or absent, whenever the process or the machine stops."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from descend.engine.errors import DescendError

_REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space, then go on from the last checkpoint with --resume"),
    errno.EDQUOT: ("the disk quota is used up", "free some space, then go on from the last checkpoint"),
    errno.ENOENT: ("its folder is not there", "make the folder first, or look at how its name is spelt"),
    errno.EROFS: ("the disk is read-only", "set DESCEND_HOME to a folder that can be written"),
    errno.EACCES: ("permission is missing", "set DESCEND_HOME to a folder that you may write"),
    errno.EPERM: ("permission is missing", "set DESCEND_HOME to a folder that you may write"),
}


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write into a `DescendError` that names the file and the cure."""
    try:
        yield
    except OSError as error:
        reason, fix = _REASONS.get(error.errno or 0, (str(error), "look at the file or folder named above"))
        raise DescendError(
            f"{reason}: {path} could not be written; nothing saved earlier is lost",
            given=str(error),
            fix=fix,
        ) from error


def write_all(descriptor: int, data: bytes) -> None:
    """Every byte: `os.write` may take only some of them."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def write_file(path: Path, data: bytes) -> None:
    """Write a file under a temporary name, then rename it: readers find the old file or the new, whole.

    The data are on the disk before the name is, and the name is before this returns.
    Raises DescendError where the disk is full or may not be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with storing(path):
        try:
            _write_synced(temporary, data)
            temporary.replace(path)
        except OSError:
            # A half-written file would keep the space that the disk lacks.
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_synced(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
