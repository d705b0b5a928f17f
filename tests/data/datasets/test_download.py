"""The cache: whole or absent, whatever happens to the process, the disk or its neighbours."""

from __future__ import annotations

import errno
import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Self

import pytest

from descend.data import DataError, DownloadError
from descend.data.datasets.download import fetch
from descend.data.datasets.entry import DataFile
from descend.data.datasets.transfer import CHUNK

CHILD = """
import sys
from pathlib import Path
from descend.data.datasets import download
from descend.data.datasets.entry import DataFile, Entry
from descend.data.datasets.transfer import Patience

url, folder, size, checksum, before = sys.argv[1:]
exec(before)
files = (DataFile("tiny.bin", int(size), checksum),)
entry = Entry("tiny", "", "", "", (), files, (url,), read=None)
patience = Patience(first=0.01, longest=0.01)
say = lambda event: print(event.note, flush=True) if event.note else None
download.fetch(entry, Path(folder), say, patience)
"""


def child(entry, folder: Path, before: str = "") -> subprocess.Popen[str]:
    (file,) = entry.files
    words = [entry.mirrors[0], str(folder), str(file.size), file.checksum, before]
    command = [sys.executable, "-c", CHILD, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def part_of(folder: Path) -> int:
    part = folder / "tiny.bin.part"
    return part.stat().st_size if part.exists() else 0


def left(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def test_several_files_are_fetched_and_not_asked_for_again(tiny, site, brisk, body, tmp_path):
    site.files["/more.bin"] = body[:100]
    more = DataFile("more.bin", 100, "sha256:" + hashlib.sha256(body[:100]).hexdigest())
    entry = replace(tiny, files=(*tiny.files, more))
    for _ in range(2):
        assert fetch(entry, tmp_path / "a" / "b", patience=brisk) == tmp_path / "a" / "b"
    assert left(tmp_path / "a" / "b") == {"tiny.bin": body, "more.bin": body[:100]}
    assert len(site.log) == 2


def test_a_wrong_file_in_the_cache_is_replaced_at_once_or_kept(tiny, site, acts, brisk, body, tmp_path):
    (tmp_path / "tiny.bin").write_bytes(b"damaged")
    site.habit = acts.status(404)
    with pytest.raises(DownloadError):
        fetch(tiny, tmp_path, patience=brisk)
    assert left(tmp_path) == {"tiny.bin": b"damaged"}
    site.habit = acts.well
    fetch(tiny, tmp_path, patience=brisk)
    assert left(tmp_path) == {"tiny.bin": body}


def test_a_complete_cache_is_not_written_to(tiny, site, brisk, body, tmp_path):
    (tmp_path / "tiny.bin").write_bytes(body)
    fetch(tiny, tmp_path, patience=brisk)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.bin"]


def test_nothing_is_printed(tiny, brisk, tmp_path, capfd):
    fetch(tiny, tmp_path, patience=brisk)
    assert capfd.readouterr() == ("", "")


def test_sigkill_at_many_moments_leaves_a_whole_file_or_none(tiny, site, acts, brisk, body, tmp_path):
    for after in (0, 100, CHUNK, 5 * CHUNK // 2, 4 * CHUNK + 1, 3 * CHUNK):
        site.script, site.log, before = [acts.hangs(after)], [], part_of(tmp_path)
        process = child(tiny, tmp_path)
        # All but the piece that is not yet complete is on the disk, or about to be.
        wait_for(lambda: site.log and part_of(tmp_path) >= before + after - CHUNK)  # noqa: B023
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert "tiny.bin" not in left(tmp_path)
        part = left(tmp_path).get("tiny.bin.part", b"")
        assert part == body[: len(part)]
    assert len(part) > 6 * CHUNK, "what the killed processes brought is kept"
    site.log = []
    fetch(tiny, tmp_path, patience=brisk)
    assert left(tmp_path) == {"tiny.bin": body}
    assert site.log == [("/tiny.bin", len(part))]


@pytest.mark.parametrize(
    "last", ["os.fsync", "pooch.core.hash_matches", "pooch.core.shutil.move", "download.sync_folder"]
)
def test_sigkill_around_the_renames_leaves_a_whole_file_or_none(tiny, site, brisk, body, tmp_path, last):
    die = "lambda *a, **k: os.kill(os.getpid(), 9)"
    process = child(tiny, tmp_path, f"import os, pooch.core; {last} = {die}")
    assert process.communicate() == ("", "")
    assert process.returncode == -signal.SIGKILL
    assert left(tmp_path).get("tiny.bin", body) == body
    fetch(tiny, tmp_path, patience=brisk)
    assert left(tmp_path) == {"tiny.bin": body}, "and no stray file is left"


def test_of_two_processes_one_downloads_and_the_other_waits(tiny, site, acts, body, tmp_path):
    site.habit = acts.pauses(3 * CHUNK)
    one = child(tiny, tmp_path)
    wait_for(lambda: site.sent >= 3 * CHUNK)
    other = child(tiny, tmp_path)
    assert other.stdout.readline() == "another process is fetching it: waiting\n"
    site.go.set()
    assert [process.communicate(timeout=60) for process in (one, other)] == [("", ""), ("", "")]
    assert (one.returncode, other.returncode) == (0, 0)
    assert site.log == [("/tiny.bin", None)]
    assert left(tmp_path) == {"tiny.bin": body}


def test_if_the_one_is_killed_the_other_goes_on_from_there(tiny, site, acts, body, tmp_path):
    site.script = [acts.hangs(3 * CHUNK)]
    one = child(tiny, tmp_path)
    wait_for(lambda: part_of(tmp_path) > CHUNK)
    other = child(tiny, tmp_path)
    assert other.stdout.readline() == "another process is fetching it: waiting\n"
    one.kill()
    one.communicate()
    assert other.communicate(timeout=60) == ("", "")
    assert left(tmp_path) == {"tiny.bin": body}
    assert site.log[1][1] > CHUNK


class Full:
    """A file on a disk that has room for so many bytes more."""

    def __init__(self, file: IO[bytes], room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: bytes) -> int:
        if len(data) > self.room:
            self.file.write(data[: self.room])
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(data)
        return self.file.write(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)


@pytest.mark.parametrize("room", [0, 1000, 3 * CHUNK, 6 * CHUNK])
def test_a_full_disk_is_said_and_does_no_harm(tiny, site, brisk, body, tmp_path, monkeypatch, room):
    open_ = Path.open

    def opened(path: Path, mode: str = "r", *rest: object) -> object:
        file = open_(path, mode, *rest)
        return Full(file, room) if path.suffix == ".part" else file

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        with pytest.raises(DataError, match="the disk is full") as error:
            fetch(tiny, tmp_path, patience=brisk)
    assert "No space left" in error.value.given
    assert left(tmp_path) == {"tiny.bin.part": body[:room]}
    assert len(site.log) == 1, "a full disk is no reason to ask again"
    fetch(tiny, tmp_path, patience=brisk)
    assert left(tmp_path) == {"tiny.bin": body}
    assert site.log[1][1] == (room or None)


@pytest.mark.parametrize("place", ["itself", "above", "the lock"])
def test_a_folder_that_cannot_be_made_is_named(tiny, site, brisk, tmp_path, place):
    folder = tmp_path / "home" / "data"
    if place == "the lock":
        (folder / ".lock").mkdir(parents=True)
    else:
        blocked = folder if place == "itself" else folder.parent
        blocked.parent.mkdir(exist_ok=True)
        blocked.write_text("a file")
    with pytest.raises(DataError, match="cannot be kept in") as error:
        fetch(tiny, folder, patience=brisk)
    assert str(folder) in error.value.problem
    assert "DESCEND_HOME" in error.value.fix
    assert site.log == []


@pytest.mark.parametrize("refused", ["pathlib.Path.mkdir", "descend.data.datasets.download.pooch.core.temporary_file"])
def test_a_folder_that_may_not_be_written_is_named(tiny, site, brisk, tmp_path, monkeypatch, refused):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(refused, refuse)
    with pytest.raises(DataError, match="Permission denied"):
        fetch(tiny, tmp_path / "cache" if "mkdir" in refused else tmp_path, patience=brisk)
