"""Deleting runs: a run is in the list, whole, or it is not."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from descend.disk import lock
from descend.disk.durable import storing, sync_folder
from descend.engine.errors import DescendError, UsageError, near_miss
from descend.train.runs import run_folders, runs_folder

_LEAVING = ".removed-"


def folder_of(name: str, home: Path | None = None) -> Path:
    """The folder of the run of this name, damaged or not. Raises UsageError where there is none."""
    found = {path.name: path for path in run_folders(home)}
    if name not in found:
        raise UsageError(
            f"there is no run {name!r}",
            given=f"{runs_folder(home)} was searched",
            needed="the name of a run, not a path",
            fix=near_miss(name, found) or "descend runs lists them",
        )
    return found[name]


def refuse_running(folder: Path) -> None:
    """Raises DescendError where a process trains the run."""
    writer = lock.holder(folder / "lock")
    if writer is not None:
        raise DescendError(
            f"{folder.name} is being trained",
            given=f"by process {writer}",
            needed="a run that has ended",
            fix="stop it first: Ctrl-C in its terminal, or Stop in the studio",
        )


def remove(folder: Path) -> None:
    """Delete a run. Its folder gets a hidden name first, in one step: nothing half-deleted is ever listed.

    What an earlier deletion left behind, because it was killed, goes too.
    Raises DescendError where a process trains the run, or it may not be deleted.
    """
    refuse_running(folder)
    with storing(folder), lock.locked(folder / "lock"):
        leaving = Path(tempfile.mkdtemp(prefix=_LEAVING, dir=folder.parent))
        folder.rename(leaving / folder.name)
        sync_folder(folder.parent)
    for left in folder.parent.glob(f"{_LEAVING}*"):
        # Another process may be deleting the same.
        with storing(left), suppress(FileNotFoundError):
            shutil.rmtree(left)


def size(folder: Path) -> int:
    """Bytes that the files in a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
