from __future__ import annotations

from pathlib import Path

import pytest

from descend.data import load, names
from tests.cli.conftest import Call


def test_the_list_says_where_each_set_is(descend: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DESCEND_DATA", str(tmp_path))
    called = descend("data")
    assert all(name in called.out for name in names())
    assert "inside the package" in called.out
    assert "not fetched yet" in called.out
    found = {row["name"]: row["details"]["found"] for row in descend("data", "--json").report["results"]}
    assert found == {"digits": "inside the package", "mnist": None}


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
    assert "inside the package" in descend("data", "get", "digits").out
