from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from descend.data import DataError, load

BAD, GOOD = ("".join(f"a {word} film , number {i} \x85 ol\xe9 \n" for i in range(25)) for word in ("dull", "bright"))


def packed(folder: Path, negative: str, positive: str) -> None:
    with tarfile.open(folder / "rt-polaritydata.tar.gz", "w:gz") as archive:
        for name, text in (("rt-polarity.neg", negative), ("rt-polarity.pos", positive)):
            entry = tarfile.TarInfo(f"rt-polaritydata/{name}")
            entry.size = len(text.encode("latin-1"))
            archive.addfile(entry, io.BytesIO(text.encode("latin-1")))


def unpacked(folder: Path, negative: str, positive: str) -> None:
    bare(folder / "rt-polaritydata", negative, positive)


def bare(folder: Path, negative: str, positive: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "rt-polarity.neg").write_bytes(negative.encode("latin-1"))
    (folder / "rt-polarity.pos").write_bytes(positive.encode("latin-1"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "movie-reviews").mkdir()
    return tmp_path / "movie-reviews"


@pytest.mark.parametrize("place", [packed, unpacked, bare])
def test_every_tenth_sentence_is_for_testing(folder, place):
    place(folder, BAD, GOOD)
    data = load("movie-reviews", root=folder.parent)
    assert data.test.x.tolist() == [
        f"a {word} film , number {i} \x85 ol\xe9" for word in ("dull", "bright") for i in (0, 10, 20)
    ]
    assert data.test.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert (len(data.train), data.train.y.sum()) == (44, 22)
    assert all(("bright" in text) == bool(y) for text, y in zip(data.train.x, data.train.y, strict=True))
    assert not set(data.train.x) & set(data.test.x)
    assert data.classes == ("negative", "positive")


def test_a_file_that_is_cut_short_is_named(folder):
    bare(folder, BAD, GOOD[:60])
    with pytest.raises(DataError, match=r"rt-polarity\.pos in .* is cut short"):
        load("movie-reviews", root=folder.parent)


@pytest.mark.full
def test_the_whole_set_is_half_and_half(full_data):
    data = load("movie-reviews")
    assert (len(data.train), len(data.test)) == (9594, 1068)
    assert np.bincount(data.train.y).tolist() == [4797, 4797]
    assert np.bincount(data.test.y).tolist() == [534, 534]
    assert abs(data.train.y[-1000:].mean() - 0.5) < 0.1, "the end of the training examples is of both classes"
    assert data.test.x[0] == "simplistic , silly and tedious ."
