from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from PIL import Image

from descend.data import load, names
from tests.cli.conftest import Call


def test_the_list_says_where_each_set_is(descend: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path))
    called = descend("data")
    assert all(name in called.out for name in names())
    assert "inside the package" in called.out
    assert "not fetched yet" in called.out
    found = {row["name"]: row["details"]["found"] for row in descend("data", "--json").report["results"]}
    assert found == {name: "inside the package" if name == "digits" else None for name in names()}


def test_info_counts_what_is_there(descend: Call) -> None:
    digits = load("digits")
    result = descend("data", "info", "digits", "--json").result
    assert result["metrics"] == {"train": 5000, "test": 1000, "classes": 10}
    assert result["details"]["fingerprint"] == digits.fingerprint
    assert digits.licence in descend("data", "info", "digits").out


def test_info_on_an_empty_directory_says_what_is_missing(descend: Call, tmp_path: Path) -> None:
    called = descend("data", "info", "mnist", "--data", tmp_path, "--json")
    assert called.status == 1
    assert "does not hold" in called.report["error"]["problem"]
    assert "train-images-idx3-ubyte.gz" in called.report["error"]["needed"]


def test_what_is_there_is_not_fetched(descend: Call) -> None:
    assert descend("data", "get", "digits").out == "digits: 5,000 + 1,000 examples, inside the package\n"


@pytest.mark.parametrize("name", [name for name in names() if name != "digits"])
def test_info_on_what_is_not_fetched_fetches_nothing(descend: Call, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESCEND_DATA", raising=False)
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the network was asked"))
    called = descend("data", "info", name, "--json")
    details = called.result["details"]
    assert called.status == 0
    assert details["where"] == f"not fetched yet; to fetch it: descend data get {name}"
    assert details["comes from"].startswith("http")
    assert details["size"] == ("not stated" if name == "olivetti" else f"{details['bytes'] / 1e6:.1f} MB")
    assert called.result["metrics"] == {}


def test_info_on_the_folder_of_a_set_is_that_on_its_name(descend: Call, tmp_path: Path) -> None:
    (tmp_path / "movie-reviews").mkdir()
    for side in ("pos", "neg"):
        (tmp_path / "movie-reviews" / f"rt-polarity.{side}").write_text("good\n" * 20)
    called = descend("data", "info", tmp_path / "movie-reviews", "--json").result
    named = descend("data", "info", "movie-reviews", "--data", tmp_path, "--json").result
    assert called["name"] == "movie-reviews"
    assert called["details"] == named["details"]


def test_a_directory_without_the_set_is_warned_of_in_words(
    descend: Call, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / "data" / "movie-reviews"
    folder.mkdir(parents=True)
    for side in ("pos", "neg"):
        (folder / f"rt-polarity.{side}").write_text("good\n" * 20)
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        called = descend("data", "get", "movie-reviews")
    assert called.status == 0
    assert called.err.startswith("descend: DESCEND_DATA does not hold the data set 'movie-reviews'")
    assert ".py" not in called.err


def test_info_on_own_pictures_counts_them(descend: Call, tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for i in range(6):
            Image.new("L", (5, 4), i * 20 + len(list(tmp_path.iterdir()))).save(tmp_path / name / f"{i}.png")
    result = descend("data", "info", tmp_path, "--json").result
    assert result["metrics"] == {"examples": 12, "classes": 2, "problems": 0}
    assert result["details"]["counts"] == {"cat": 6, "dog": 6}
    assert "uint8 (12, 1, 4, 5)" in descend("data", "info", tmp_path).out


def test_info_on_own_pictures_names_every_file_that_is_damaged(descend: Call, tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    for i in range(25):
        (tmp_path / "cat" / f"{i:02}.png").write_bytes(b"no picture")
    Image.new("L", (5, 4)).save(tmp_path / "cat" / "good.png")
    called = descend("data", "info", tmp_path)
    assert called.status == 1
    assert "cat/19.png" in called.out
    assert "it is not a picture" in called.out
    assert "and 5 more" in called.out
    report = descend("data", "info", tmp_path, "--json").report
    assert len(report["results"][0]["details"]["files"]) == 25


def test_info_on_what_is_not_there(descend: Call, tmp_path: Path) -> None:
    assert "no data set" in descend("data", "info", tmp_path / "nowhere").err
