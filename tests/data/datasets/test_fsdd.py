from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from descend.data import DataError, load
from descend.data.audio import wav

NAMES = [f"{digit}_{speaker}_{i}.wav" for digit in range(3) for speaker in ("ann", "bob") for i in (0, 4, 5, 49)]


def sounds(tmp: Path, names=NAMES, rate: int = 8000, channels: int = 1) -> dict[str, bytes]:
    """Recordings whose length tells which they are."""
    made = {}
    for i, name in enumerate(names):
        wav.write(tmp / "made.wav", np.full((100 + i, channels) if channels > 1 else 100 + i, 0.25), rate)
        made[name] = (tmp / "made.wav").read_bytes()
    return made


def zipped(folder: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(folder / "v1.0.10.zip", "w") as archive:
        archive.writestr("free-spoken-digit-dataset-1.0.10/README.md", "words")
        for name, data in files.items():
            archive.writestr(f"free-spoken-digit-dataset-1.0.10/recordings/{name}", data)


def tarred(folder: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(folder / "recordings.tar.gz", "w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def unpacked(folder: Path, files: dict[str, bytes]) -> None:
    (folder / "recordings").mkdir()
    for name, data in files.items():
        (folder / "recordings" / name).write_bytes(data)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "fsdd").mkdir()
    return tmp_path / "fsdd"


@pytest.mark.parametrize("place", [zipped, tarred, unpacked])
def test_recordings_0_to_4_are_for_testing(folder, tmp_path, place):
    place(folder, sounds(tmp_path))
    data = load("fsdd", root=tmp_path)
    order = sorted(NAMES)
    lengths = {100 + NAMES.index(name): name for name in order}
    for split, numbers in ((data.train, {"5", "49"}), (data.test, {"0", "4"})):
        names = [lengths[len(wave)] for wave in split.x]
        assert {name.split("_")[2].removesuffix(".wav") for name in names} == numbers
        assert split.y.tolist() == [int(name[0]) for name in names]
    assert data.rate == 8000
    assert data.train.x[0].dtype == np.float32
    assert np.allclose(data.train.x[0], 0.25)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda tmp: sounds(tmp, [*NAMES, "hello.wav"]), r"hello\.wav"),
        (lambda tmp: sounds(tmp, rate=16_000), "16000 samples a second"),
        (lambda tmp: sounds(tmp, channels=2), r"\(2,\) channels"),
        (lambda tmp: sounds(tmp) | {"1_ann_7.wav": b"RIFF"}, r"1_ann_7\.wav in .* cannot be read"),
        (lambda tmp: sounds(tmp, ["1_ann_7.wav"]), "lacks recordings"),
        (lambda tmp: {}, r"no \.wav files"),
    ],
)
def test_what_is_wrong_with_a_recording_is_told(folder, tmp_path, change, reason):
    zipped(folder, change(tmp_path))
    with pytest.raises(DataError, match=reason):
        load("fsdd", root=tmp_path)


@pytest.mark.full
def test_the_whole_set_has_fifty_of_each_digit_and_speaker(full_data):
    data = load("fsdd")
    assert (len(data.train), len(data.test)) == (2700, 300)
    assert np.bincount(data.train.y).tolist() == [270] * 10
    assert np.bincount(data.test.y).tolist() == [30] * 10
    assert all(np.abs(wave).max() <= 1 for wave in data.train.x)
    assert 1000 < min(map(len, data.train.x)) < max(map(len, data.train.x)) < 20_000
