from __future__ import annotations

import gzip
import shutil
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from descend.data import DataError, Split, load
from descend.engine.errors import DtypeError, UsageError
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


def pictures(folder: Path, side: int, classes: str = "01") -> Path:
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(10):
            pixels = np.random.default_rng([i, int(name)]).integers(0, 256, (side, side), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    return folder


def test_a_folder_of_pictures_of_the_right_kind_becomes_the_setting(tmp_path: Path) -> None:
    place = pictures(tmp_path / "own", 28)
    assert places.place(LENET, str(place)) == (str(place), None)
    run = launch.prepare(LENET, LENET.with_settings({"data": str(place)}))
    assert places.dataset(run).train.x.shape == (16, 1, 28, 28)
    assert run.info.data == load(place).fingerprint
    (place / "0" / "3.png").unlink()
    with pytest.raises(DataError, match="have changed since it began"):
        places.verify(run)


@pytest.mark.parametrize(("side", "classes"), [(27, "01"), (28, "0123456789x")])
def test_pictures_of_another_kind_are_refused_before_anything_runs(tmp_path: Path, side: int, classes: str) -> None:
    place = pictures(tmp_path / "own", side, classes[:10])
    if len(classes) > 10:
        shutil.copytree(place / "9", place / "ten")
        for file in (place / "ten").iterdir():
            Image.new("L", (28, 28), len(file.name) + ord(file.name[0])).save(file)
    with pytest.raises(UsageError, match="does not take the data set own") as refused:
        places.place(LENET, str(place))
    assert "(1, 28, 28)" in refused.value.needed


def test_damaged_pictures_are_told(tmp_path: Path) -> None:
    place = pictures(tmp_path / "own", 28)
    (place / "0" / "bad.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"bad\.png"):
        places.place(LENET, str(place))


@pytest.mark.parametrize("name", ["fsdd", "movie-reviews"])
def test_a_set_of_another_kind_by_name_is_refused_before_there_is_a_run(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = Split(np.array(["a text"], object), np.array([0]))
    stand_in = replace(load("digits"), name=name, train=texts, test=texts)
    monkeypatch.setattr(places, "load", lambda *_, **__: stand_in)
    with pytest.raises(UsageError, match=f"does not take the data set {name}") as refused:
        launch.prepare(LENET, LENET.with_settings({"data": name}))
    assert "or take mnist" in str(refused.value.fix)
    assert not (home / "runs").exists()


def test_amounts_to_predict_and_numbers_of_another_type_are_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pixels, amounts = rng.random((20, 1, 28, 28), np.float32), rng.random((20, 1))
    np.savez(tmp_path / "amounts.npz", x=pixels, y=amounts)
    np.savez(tmp_path / "floats.npz", x=pixels, y=np.arange(20) % 2)
    with pytest.raises(UsageError, match="does not take"):
        places.place(LENET, str(tmp_path / "amounts.npz"))
    with pytest.raises(DtypeError, match="pixels stored as bytes"):
        places.place(LENET, str(tmp_path / "floats.npz"))
