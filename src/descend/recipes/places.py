"""Where the data of a recipe and of a run are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from descend.data import DataError, Dataset, Listener, described, holds, info, load, names, recognised
from descend.data.datasets.progress import silent
from descend.engine.errors import UsageError, near_miss
from descend.recipes.recipe import Recipe
from descend.train.runs import Run

KEY = "data directory"
"""The name under which `run.json` keeps the directory among the run's surroundings."""


def place(recipe: Recipe, data: str | None) -> tuple[str | None, Path | None]:
    """What `data` stands for: the name of a data set, a directory with the recipe's own, or files of one's own.

    The path of one's own files becomes the recipe's setting, as the name of a data set does.

    Raises:
        UsageError: it is none of these, the recipe has no data, none that is read from a directory, or takes others.
        DataError: one's own files cannot be read.
    """
    if data is None:
        return None, None
    if "data" not in recipe.settings:
        raise UsageError(f"{recipe.name} uses no data set", given=f"data {data}", fix="leave it out")
    if data in names():
        return data, None
    directory, name = Path(data).expanduser(), str(recipe.settings["data"])
    if not holds(directory, name) and recognised(directory):
        return _own(directory.resolve(), recipe), None
    if not directory.is_dir():
        raise UsageError(
            f"{data!r} is neither a data set nor a directory",
            needed=f"one of {', '.join(names())}, or the path of a directory with the files",
            fix=near_miss(data, names()) or "see the data sets with: descend data",
        )
    return None, _readable(directory, name)


def _own(path: Path, recipe: Recipe) -> str:
    """The path of one's own files, which must be what the recipe's network takes."""
    _fits(load(path), recipe)
    return str(path)


def fitting(
    recipe: Recipe, settings: Mapping[str, Any], directory: Path | None, progress: Listener | None = None
) -> Dataset | None:
    """The data set that the settings name, None without one. It is fetched if need be.

    Raises: UsageError, DtypeError where the recipe's network does not take its examples.
    """
    if "data" not in settings:
        return None
    data = load(str(settings["data"]), root=directory, progress=progress or silent)
    _fits(data, recipe)
    return data


def _fits(data: Dataset, recipe: Recipe) -> None:
    network, x = recipe.network, data.train.x
    if network is None:
        return
    if x.shape[1:] != network.input_shape or data.train.y.ndim != 1 or len(data.classes) > len(network.classes):
        raise UsageError(
            f"{recipe.name} does not take the data set {data.name}",
            given=f"{described(x)}, {len(data.classes)} classes",
            needed=f"examples of shape {network.input_shape}, at most {len(network.classes)} classes",
            fix=f"bring pictures to this size, in grey where the first number is 1; or take {recipe.settings['data']}",
        )
    network.prepare(x[:1])  # refuses numbers of another type in words of its own


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


def fingerprint(settings: Mapping[str, Any], directory: Path | None) -> str:
    """SHA-256 of the data set that the settings name, "" without one."""
    return load(str(settings["data"]), root=directory).fingerprint if "data" in settings else ""
