from __future__ import annotations

import pytest
from PIL import Image

from descend.data import DataError
from descend.data.own.kinds import KINDS, collect


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
