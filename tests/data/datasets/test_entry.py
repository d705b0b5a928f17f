from __future__ import annotations

import pytest

from descend.data import DataError
from descend.data.datasets.entry import DataFile, Entry, Form, find, missing

FILES = (DataFile("a.gz", 10, "md5:0"), DataFile("b.gz", 5, "md5:0"))


def test_packed_and_unpacked_files_are_found_the_packed_one_first(tmp_path):
    assert find(tmp_path, "a.gz") is None
    (tmp_path / "a").touch()
    assert find(tmp_path, "a.gz") == tmp_path / "a"
    (tmp_path / "a.gz").touch()
    assert find(tmp_path, "a.gz") == tmp_path / "a.gz"


def test_what_is_missing_is_listed(tmp_path):
    names = tuple(file.name for file in FILES)
    assert missing(tmp_path / "nowhere", names) == ["a.gz", "b.gz"]
    (tmp_path / "a").touch()
    (tmp_path / "b.gz").mkdir()
    assert missing(tmp_path, names) == ["b.gz"]
    assert missing(tmp_path, ("b.gz/", "a/")) == ["a/"]


def test_a_folder_that_may_not_be_looked_into_is_named(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.is_file", refuse)
    with pytest.raises(DataError, match="Permission denied") as error:
        find(tmp_path, "a.gz")
    assert str(tmp_path) in error.value.problem


def test_the_size_is_that_of_all_files():
    assert Entry("x", "", "", "", (), FILES, (), read=find).bytes == 15
    assert Entry("x", "", "", "", (), (*FILES, DataFile("c", None, "md5:0")), (), read=find).bytes == 15


def test_the_published_form_comes_first_and_any_other_that_is_there_counts(tmp_path):
    entry = Entry("x", "", "", "", (), FILES, (), read=find, others=(Form(("c", "d/"), read=missing),))
    assert entry.form(tmp_path) is None
    (tmp_path / "c").touch()
    assert entry.form(tmp_path) is None
    (tmp_path / "d").mkdir()
    assert entry.form(tmp_path).read is missing
    for file in FILES:
        (tmp_path / file.name).touch()
    assert entry.form(tmp_path).read is find
