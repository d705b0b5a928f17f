from __future__ import annotations

from pathlib import Path

import pytest

from descend.data import DataError
from descend.data.own.folders import listing


def make(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return root


def found(root: Path) -> list[tuple[str, str, str]]:
    return [(one.path.relative_to(root).as_posix(), one.label, one.part) for one in listing(root, {".png"}).files]


def test_folders_are_classes(tmp_path):
    make(tmp_path, "cat/b.png", "cat/a.PNG", "dog/deep/c.png")
    assert found(tmp_path) == [("cat/a.PNG", "cat", ""), ("cat/b.png", "cat", ""), ("dog/deep/c.png", "dog", "")]
    assert listing(tmp_path, {".png"}).classes == ("cat", "dog")


def test_folders_named_train_and_test_part_the_data(tmp_path):
    make(tmp_path, "train/cat/a.png", "test/cat/b.png", "val/dog/c.png")
    assert found(tmp_path) == [
        ("test/cat/b.png", "cat", "test"),
        ("train/cat/a.png", "cat", "train"),
        ("val/dog/c.png", "dog", "validation"),
    ]
    assert listing(tmp_path, {".png"}).problems == []


def test_files_alone_have_no_class(tmp_path):
    make(tmp_path, "a.png", "b.png")
    assert found(tmp_path) == [("a.png", "", ""), ("b.png", "", "")]
    assert listing(tmp_path, {".png"}).classes == ()


def test_what_systems_leave_behind_is_not_there_and_other_files_are_counted(tmp_path):
    make(tmp_path, "cat/a.png", "cat/._a.png", ".git/x.png", "__MACOSX/cat/a.png", "cat/Thumbs.db", "cat/x.txt", "y.md")
    assert len(listing(tmp_path, {".png"}).files) == 1
    assert listing(tmp_path, {".png"}).ignored == 2


def test_a_class_without_files_and_a_file_without_a_class_are_problems(tmp_path):
    make(tmp_path, "cat/a.png", "dog/", "lost.png")
    problems = {Path(one.file).name: one.reason for one in listing(tmp_path, {".png"}).problems}
    assert problems["dog"] == "this class has no files"
    assert "has no class" in problems["lost.png"]
    assert listing(tmp_path, {".png"}).ignored == 0


def test_a_class_beside_train_and_test_is_an_error(tmp_path):
    make(tmp_path, "train/cat/a.png", "test/cat/a.png", "dog/a.png")
    with pytest.raises(DataError, match="beside train and test") as error:
        listing(tmp_path, {".png"})
    assert error.value.given == "dog"
