from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from descend.disk.durable import storing, write_file
from descend.engine.errors import DescendError
from tests.train.test_journal import FullDisk


def test_write_file_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    for data in (b"first", b"", b"second" * 1000):
        write_file(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_full_disk_keeps_the_old_file_and_frees_the_half_written_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bin"
    write_file(path, b"old")
    monkeypatch.setattr(os, "write", FullDisk(2))
    with pytest.raises(DescendError, match=r"the disk is full.*a.bin.*nothing saved earlier is lost"):
        write_file(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(DescendError, match=r"^its folder is not there: .*nowhere/a\.bin could not be written"):
        write_file(tmp_path / "nowhere" / "a.bin", b"data")


def test_a_reader_sees_old_or_new_at_every_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, seen = tmp_path / "a.bin", set()
    write_file(path, b"old")
    for name in ("write", "fsync", "replace", "close"):
        original = getattr(os, name)

        def watched(*given: object, original: object = original, **named: object) -> object:
            seen.add(path.read_bytes())
            return original(*given, **named)  # type: ignore[operator]

        monkeypatch.setattr(os, name, watched)
    write_file(path, b"new")
    assert seen == {b"old", b"new"}


def test_data_are_on_the_disk_before_their_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order, sync, replace = list[str](), os.fsync, os.replace

    def synced(descriptor: int) -> None:
        order.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    def renamed(source: Path, target: Path) -> None:
        order.append("renamed")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    write_file(tmp_path / "a.bin", b"x")
    assert order == ["file", "renamed", "folder"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission"),
        (errno.EIO, "Input/output"),
    ],
)
def test_refusals_are_explained(code: int, words: str) -> None:
    with pytest.raises(DescendError, match=words) as caught, storing(Path("folder") / "file"):
        raise OSError(code, os.strerror(code))
    assert caught.value.fix
    assert "file" in caught.value.problem
