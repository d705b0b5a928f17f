from __future__ import annotations

import pytest

from descend.data import DataError
from descend.data.datasets.entry import DataFile, Entry, find, missing

FILES = (DataFile("a.gz", 10, "md5:0"), DataFile("b.gz", 5, "md5:0"))


def test_packed_and_unpacked_files_are_found_the_packed_one_first(tmp_path):
    assert find(tmp_path, "a.gz") is None
    (tmp_path / "a").touch()
    assert find(tmp_path, "a.gz") == tmp_path / "a"
    (tmp_path / "a.gz").touch()
    assert find(tmp_path, "a.gz") == tmp_path / "a.gz"


def test_what_is_missing_is_listed(tmp_path):
    assert missing(tmp_path / "nowhere", FILES) == ["a.gz", "b.gz"]
    (tmp_path / "a").touch()
    (tmp_path / "b.gz").mkdir()
    assert missing(tmp_path, FILES) == ["b.gz"]


def test_a_folder_that_may_not_be_looked_into_is_named(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.is_file", refuse)
    with pytest.raises(DataError, match="Permission denied") as error:
        find(tmp_path, "a.gz")
    assert str(tmp_path) in error.value.problem


def test_the_size_is_that_of_all_files():
    assert Entry("x", "", "", "", (), FILES, (), read=find).bytes == 15
