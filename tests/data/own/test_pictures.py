from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from descend.data import DataError, image_folder, image_parquet, inspect

rng = np.random.default_rng(0)


def picture(path: Path, shape: tuple[int, ...] = (6, 5, 3)) -> np.ndarray:
    pixels = rng.integers(0, 256, shape, np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return pixels


@pytest.fixture
def zoo(tmp_path) -> Path:
    for name in ("cat", "dog"):
        for i in range(10):
            picture(tmp_path / "zoo" / name / f"{i}.png")
    return tmp_path / "zoo"


def test_a_folder_for_each_class_becomes_a_data_set(zoo):
    data = image_folder(zoo)
    assert data.train.x.shape == (16, 3, 6, 5)
    assert data.train.x.dtype == np.uint8
    assert data.classes == ("cat", "dog")
    assert np.bincount(data.train.y).tolist() == [8, 8]
    assert np.bincount(data.test.y).tolist() == [2, 2]
    assert data.name == "zoo"
    first = np.asarray(Image.open(zoo / "cat" / "0.png")).transpose(2, 0, 1)
    everything = np.concatenate([data.train.x, data.test.x])
    assert (everything == first).all(axis=(1, 2, 3)).sum() == 1


def test_grey_stays_grey_and_mixed_becomes_colour(tmp_path, zoo):
    for i in range(5):
        picture(tmp_path / "grey" / "one" / f"{i}.png", (6, 5))
    assert image_folder(tmp_path / "grey").train.x.shape == (4, 1, 6, 5)
    assert image_folder(tmp_path / "grey", colour=True).train.x.shape == (4, 3, 6, 5)
    picture(zoo / "cat" / "grey.png", (6, 5))
    assert image_folder(zoo).train.x.shape[1] == 3
    assert image_folder(zoo, colour=False).train.x.shape[1] == 1


def test_a_size_brings_all_to_one(zoo):
    picture(zoo / "cat" / "large.png", (20, 30, 3))
    with pytest.raises(DataError, match="20 x 30 pixels, most are 6 x 5") as error:
        image_folder(zoo)
    assert "size=(6, 5)" in error.value.fix
    assert image_folder(zoo, size=(8, 8)).train.x.shape == (17, 3, 8, 8)


def reasons(place: Path) -> dict[str, str]:
    return {Path(one.file).name: one.reason for one in inspect(place).problems}


def test_every_damaged_file_is_named_with_its_reason(zoo):
    whole = (zoo / "cat" / "1.png").read_bytes()
    (zoo / "cat" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (zoo / "dog" / "text.jpg").write_text("hello")
    (zoo / "dog" / "empty.png").touch()
    found = reasons(zoo)
    assert set(found) == {"cut.png", "text.jpg", "empty.png"}
    assert "damaged, cut short" in found["cut.png"]
    assert "not a picture" in found["text.jpg"]
    with pytest.raises(DataError, match="and 2 more"):
        image_folder(zoo)


def test_a_picture_under_two_classes_is_a_wrong_label(zoo):
    (zoo / "dog" / "copy.png").write_bytes((zoo / "cat" / "3.png").read_bytes())
    (zoo / "cat" / "again.png").write_bytes((zoo / "cat" / "4.png").read_bytes())
    found = reasons(zoo)
    assert set(found) == {"copy.png"}, "twice in one class is no contradiction"
    assert "stands for cat" in found["copy.png"]


def test_the_report_counts_what_is_there(zoo):
    (zoo / "cat" / "notes.txt").touch()
    report = inspect(zoo)
    assert report.counts == {"cat": 10, "dog": 10}
    assert report.examples == 20
    assert "uint8 (20, 3, 6, 5)" in report.facts["examples"]
    assert report.facts["train + test"] == "16 + 4, one in five for testing"
    assert report.facts["other files"] == "1, not used"
    assert report.facts["problems"] == "none"


def test_pictures_alone_are_unlabelled(tmp_path):
    for i in range(10):
        picture(tmp_path / "all" / f"{i}.png")
    data = image_folder(tmp_path / "all")
    assert data.train.y.shape == (8, 0)
    assert data.classes == ()


def parquet(path: Path, n: int, columns: dict[str, list[int]] | None = None) -> np.ndarray:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pixels, rows = rng.integers(0, 256, (n, 4, 4, 3), np.uint8), []
    for one in pixels:
        file = io.BytesIO()
        Image.fromarray(one).save(file, "png")
        rows.append({"bytes": file.getvalue(), "path": ""})
    pq.write_table(pa.table({"image": rows, **(columns or {})}), path)
    return pixels.transpose(0, 3, 1, 2)


def test_tables_named_train_and_test_part_the_data(tmp_path):
    train = parquet(tmp_path / "train-00000-of-00001.parquet", 6, {"label": [0, 1, 2, 0, 1, 2]})
    test = parquet(tmp_path / "test-00000-of-00001.parquet", 2, {"label": [2, 1]})
    data = image_parquet(tmp_path)
    assert sorted(data.train.x.reshape(6, -1).tolist()) == sorted(train.reshape(6, -1).tolist())
    assert np.array_equal(data.test.x, test)
    assert data.test.y.tolist() == [2, 1]
    assert data.classes == ("0", "1", "2")


def test_one_table_is_divided_and_may_lack_labels(tmp_path):
    parquet(tmp_path / "x.parquet", 10)
    data = image_parquet(tmp_path / "x.parquet")
    assert (len(data.train), len(data.test)) == (8, 2)
    assert data.train.y.shape == (8, 0)
