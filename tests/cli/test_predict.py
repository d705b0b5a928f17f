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


def test_a_file_that_is_no_image_is_named(descend: Call, finished: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("seven")
    called = descend("predict", finished.path, tmp_path / "notes.txt", "--json")
    assert called.status == 1
    assert "notes.txt" in called.report["error"]["problem"]
