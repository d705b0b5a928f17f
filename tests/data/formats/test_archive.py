from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from descend.data import DataError
from descend.data.formats.archive import members

CONTENT = {"a.bin": b"first" * 500, "b.bin": b"second" * 500, "notes.txt": b"no"}


def folder(path: Path) -> Path:
    path.mkdir()
    for name, data in CONTENT.items():
        (path / name).write_bytes(data)
    return path


def zipped(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in CONTENT.items():
            archive.writestr(f"deep/{name}", data)
    return path


def tarred(path: Path, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, data in CONTENT.items():
            entry = tarfile.TarInfo(f"deep/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


@pytest.mark.parametrize(
    "make", [folder, zipped, tarred, lambda path: tarred(path, "w:xz"), lambda path: tarred(path, "w")]
)
def test_the_files_are_found_by_their_bare_names(tmp_path, make):
    found = members(make(tmp_path / "held"), ".bin")
    assert found == {name: data for name, data in CONTENT.items() if name.endswith(".bin")}
    assert list(found) == ["a.bin", "b.bin"]


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.95])
def test_an_archive_that_is_cut_short_is_named(tmp_path, make, part):
    path = make(tmp_path / "held")
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    with pytest.raises(DataError, match="held"):
        members(path, ".bin")


@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_changed_byte_is_noticed(tmp_path, make):
    path = make(tmp_path / "held")
    data = bytearray(path.read_bytes())
    for at in range(60, 80):
        data[at] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(DataError, match="held"):
        members(path, ".bin")


def test_no_file_of_the_kind_is_an_error(tmp_path):
    with pytest.raises(DataError, match=r"no \.wav files"):
        members(folder(tmp_path / "held"), ".wav")
