from __future__ import annotations

import gzip
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from descend.data import DataError, load
from descend.engine.errors import UsageError
from descend.recipes import launch, places, registry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory that holds "mnist": the embedded digits under its file names."""
    shutil.copytree(str(files("descend.data") / "embedded" / "digits"), tmp_path / "mnist")
    return tmp_path


LENET, MLP, CIRCUITS = (registry.get(name) for name in ("mnist-lenet", "digits-mlp", "hackers-guide"))


def test_a_name_is_a_data_set_and_a_path_a_directory(folder: Path) -> None:
    assert places.place(LENET, None) == (None, None)
    assert places.place(LENET, "digits") == ("digits", None)
    assert places.place(LENET, str(folder)) == (None, folder)


def test_what_is_neither_is_refused_with_the_near_miss() -> None:
    with pytest.raises(UsageError) as refused:
        places.place(LENET, "mnits")
    assert refused.value.fix == "did you mean 'mnist'?"


def test_a_set_inside_the_package_is_not_read_from_a_directory(folder: Path) -> None:
    with pytest.raises(UsageError, match="comes with descend"):
        places.place(MLP, str(folder))


def test_a_recipe_without_data_takes_none() -> None:
    with pytest.raises(UsageError, match="uses no data set"):
        places.place(CIRCUITS, "digits")


def test_a_run_remembers_its_directory_and_notices_other_data_in_it(folder: Path) -> None:
    run = launch.prepare(LENET, LENET.with_settings({}), directory=folder)
    assert places.directory(run) == folder
    assert places.dataset(run).fingerprint == run.info.data == load("digits").fingerprint
    places.verify(run)
    file = folder / "mnist" / "t10k-labels-idx1-ubyte.gz"
    labels = gzip.decompress(file.read_bytes())
    file.write_bytes(gzip.compress(labels[:-1] + bytes([(labels[-1] + 1) % 10])))
    with pytest.raises(DataError, match="have changed since it began"):
        places.verify(run)


def test_without_a_directory_there_is_none() -> None:
    assert places.directory(launch.prepare(MLP, MLP.with_settings(MLP.tiny))) is None


def test_a_recipe_without_data_has_no_fingerprint() -> None:
    assert places.fingerprint(CIRCUITS.settings, None) == ""
