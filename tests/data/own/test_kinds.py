from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from descend import data
from descend.data import DataError
from descend.data.audio import wav
from descend.data.own.kinds import KINDS, collect
from descend.engine.errors import UsageError


def test_no_ending_belongs_to_two_kinds():
    endings = [ending for kind in KINDS for ending in kind.suffixes]
    assert len(set(endings)) == len(endings)


def test_most_files_decide(tmp_path):
    for i in range(3):
        Image.new("L", (2, 2), i).save(tmp_path / f"{i}.png")
    (tmp_path / "notes.txt").write_text("words")
    assert collect(tmp_path).kind == "pictures in folders"


@pytest.mark.parametrize("name", ["x.xyz", "folder", "x.png"])
def test_what_cannot_be_told_says_what_is_there(tmp_path, name):
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
        (path / "a.exe").touch()
    else:
        path.touch()
    with pytest.raises(DataError, match="cannot be told") as error:
        collect(path)
    assert {"x.xyz": ".xyz", "folder": ".exe", "x.png": ".png"}[name] in error.value.given


def test_an_empty_folder_and_no_folder(tmp_path):
    with pytest.raises(DataError) as error:
        collect(tmp_path)
    assert error.value.given == "an empty folder"
    with pytest.raises(DataError, match="no file or folder"):
        collect(tmp_path / "nowhere")


READERS = (
    data.image_folder, data.image_parquet, data.csv_table, data.numpy_arrays, data.text_files, data.wav_folder,
)  # fmt: skip


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_a_place_that_is_not_there_is_named(read, tmp_path):
    with pytest.raises(DataError, match=r"there is no file or folder .*nowhere"):
        read(tmp_path / "nowhere")


@pytest.mark.parametrize("read", [data.image_folder, data.wav_folder], ids=lambda read: read.__name__)
def test_a_file_in_the_place_of_a_folder_is_named(read, tmp_path):
    (tmp_path / "x.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"x\.png is no folder"):
        read(tmp_path / "x.png")


@pytest.mark.parametrize(
    ("wrong", "needed"),
    [
        (lambda place: data.image_folder(place, size=(0, 5)), "height of 1 or more"),
        (lambda place: data.image_folder(place, size=5), "(h, w)"),
        (lambda place: data.wav_folder(place, rate=0), "rate of 1 or more"),
        (lambda place: data.text_files(place / "a.txt", encoding="nope"), "utf-8, latin-1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong, needed, tmp_path):
    (tmp_path / "a.txt").write_text("text")
    wav.write(tmp_path / "a_1.wav", np.zeros(10, np.float32), 8000)
    with pytest.raises(UsageError) as error:
        wrong(tmp_path)
    assert needed in str(error.value)


def test_one_column_may_be_left_out_by_its_name_alone(tmp_path):
    (tmp_path / "t.csv").write_text("id,size,kind\n" + "".join(f"{i},{i * i},{'ab'[i % 2]}\n" for i in range(20)))
    assert data.csv_table(tmp_path / "t.csv", leave_out="id").columns == ("size",)
