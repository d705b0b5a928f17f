from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from descend.data import load
from descend.train.runs import Run
from tests.cli.conftest import Call

TEST = load("digits").test


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{i}.png" for i in range(20)]
    for path, image in zip(paths, TEST.x[:, 0]):
        Image.fromarray(image).save(path)
    return paths


def test_it_reads_most_digits_and_says_how_sure_it_is(descend: Call, finished: Run, pictures: list[Path]) -> None:
    called = descend("predict", finished.path, *pictures, "--json")
    rows = called.report["results"]
    assert [row["name"] for row in rows] == [str(path) for path in pictures]
    assert sum(row["details"]["class"] == str(y) for row, y in zip(rows, TEST.y)) >= 12
    assert all(0.1 <= row["metrics"]["confidence"] <= 1 for row in rows)


def test_people_read_a_table(descend: Call, finished: Run, pictures: list[Path]) -> None:
    called = descend("predict", finished.path, pictures[0])
    assert called.status == 0
    assert str(pictures[0]) in called.out
    assert "%" in called.out


@pytest.fixture
def mixed(tmp_path: Path, pictures: list[Path]) -> list[Path]:
    """Two digits, and between them a text, a blank picture and a name without a file."""
    (tmp_path / "notes.txt").write_text("seven")
    Image.new("L", (28, 28), 255).save(tmp_path / "blank.png")
    return [pictures[0], tmp_path / "notes.txt", tmp_path / "blank.png", tmp_path / "nosuch.png", pictures[1]]


def test_a_file_that_cannot_be_read_keeps_no_other_from_it(descend: Call, finished: Run, mixed: list[Path]) -> None:
    called = descend("predict", finished.path, *mixed, "--json")
    assert called.status == 1
    rows = called.report["results"]
    assert [row["name"] for row in rows] == [str(path) for path in mixed]
    assert [row["passed"] for row in rows] == [True, False, False, False, True]
    for row, word in zip(rows[1:4], ("image", "blank", "no file")):
        assert row["name"] in row["details"]["problem"]
        assert word in row["details"]["problem"]
        assert row["details"]["fix"]
    assert rows[4]["details"]["class"] in "0123456789"


def test_people_read_which_file_failed_and_why(descend: Call, finished: Run, mixed: list[Path]) -> None:
    called = descend("predict", finished.path, *mixed)
    assert called.status == 1
    assert all(str(path) in called.out for path in (mixed[0], mixed[-1]))
    assert f"descend: {mixed[2]} is blank" in called.err
    assert "descend:" not in called.out
