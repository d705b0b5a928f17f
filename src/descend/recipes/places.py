"""Where the data of a recipe and of a run are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from descend.data import DataError, Dataset, Listener, info, load, names
from descend.data.datasets.progress import silent
from descend.engine.errors import UsageError, near_miss
from descend.recipes.recipe import Recipe
from descend.train.runs import Run

KEY = "data directory"
"""The name under which `run.json` keeps the directory among the run's surroundings."""


def place(recipe: Recipe, data: str | None) -> tuple[str | None, Path | None]:
    """What `data` stands for: the name of a data set, or a directory with the files of the recipe's own.

    Raises:
        UsageError: it is neither, or the recipe has no data, or none that is read from a directory.
    """
    if data is None:
        return None, None
    if "data" not in recipe.settings:
        raise UsageError(f"{recipe.name} uses no data set", given=f"data {data}", fix="leave it out")
    if data in names():
        return data, None
    directory = Path(data).expanduser()
    if not directory.is_dir():
        raise UsageError(
            f"{data!r} is neither a data set nor a directory",
            needed=f"one of {', '.join(names())}, or the path of a directory with the files",
            fix=near_miss(data, names()) or "see the data sets with: descend data",
        )
    return None, _readable(directory, str(recipe.settings["data"]))


def _readable(directory: Path, name: str) -> Path:
    if info(name).found == "inside the package":
        raise UsageError(
            f"the data set {name!r} comes with descend and is not read from a directory",
            given=str(directory),
            fix=f"for another data set: DESCEND_DATA={directory} descend train ... --data NAME",
        )
    return directory.resolve()


def directory(run: Run) -> Path | None:
    """The directory that was named for the run's data, None where it is found by itself."""
    named = run.info.environment.get(KEY)
    return Path(named) if named else None


def dataset(run: Run) -> Dataset:
    """The data set of a run."""
    return load(str(run.info.settings["data"]), root=directory(run))


def verify(run: Run) -> None:
    """Raises DescendError where the data that the run was begun with are no longer what is found."""
    found = fingerprint(run.info.settings, directory(run))
    if found != run.info.data:
        raise DataError(
            f"the data of {run.name} have changed since it began",
            given=f"{run.info.settings['data']} with the fingerprint {found[:12]}",
            needed=f"the fingerprint {run.info.data[:12]}",
            fix="put the earlier files back, or begin a new run",
        )


def fingerprint(settings: Mapping[str, Any], directory: Path | None, progress: Listener | None = None) -> str:
    """SHA-256 of the data set that the settings name, "" without one. It is fetched if need be."""
    if "data" not in settings:
        return ""
    return load(str(settings["data"]), root=directory, progress=progress or silent).fingerprint
