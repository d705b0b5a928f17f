from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from descend.data import DataError, load
from descend.data.datasets.cifar10 import CIFAR10

rng = np.random.default_rng(0)
TRAINING = [f"data_batch_{i}.bin" for i in range(1, 6)]


def records(n: int) -> np.ndarray:
    made = rng.integers(0, 256, (n, 3073), np.uint8)
    made[:, 0] = np.arange(n) % 10
    return made


def good() -> dict[str, np.ndarray]:
    return {name: records(4) for name in TRAINING} | {"test_batch.bin": records(3)}


def packed(folder: Path, files: dict[str, np.ndarray]) -> None:
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / "cifar-10-binary.tar.gz", "w:gz") as archive:
        for name, held in files.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            entry.size = held.nbytes
            archive.addfile(entry, io.BytesIO(held.tobytes()))


def unpacked(folder: Path, files: dict[str, np.ndarray]) -> None:
    (folder / "cifar-10-batches-bin").mkdir(parents=True)
    for name, held in files.items():
        (folder / "cifar-10-batches-bin" / name).write_bytes(held.tobytes())


@pytest.mark.parametrize("place", [packed, unpacked])
def test_the_records_become_two_splits(tmp_path, place):
    files = good()
    place(tmp_path / "cifar10", files)
    data = load("cifar10", root=tmp_path)
    assert data.train.x.shape == (20, 3, 32, 32)
    assert data.train.x.dtype == np.uint8
    want = np.concatenate([files[name] for name in TRAINING])
    assert np.array_equal(data.train.x.reshape(20, -1), want[:, 1:])
    assert np.array_equal(data.train.y, want[:, 0])
    assert np.array_equal(data.test.x.reshape(3, -1), files["test_batch.bin"][:, 1:])
    assert data.classes[3] == "cat"


BAD = [
    ({"data_batch_3.bin": None}, r"lacks data_batch_3\.bin"),
    ({"data_batch_2.bin": np.zeros(3072, np.uint8)}, r"data_batch_2\.bin in .* is cut short"),
    ({"test_batch.bin": np.zeros(0, np.uint8)}, r"test_batch\.bin in .* is cut short"),
    ({"test_batch.bin": np.full(3073, 10, np.uint8)}, "label 10 at index 0"),
]


@pytest.mark.parametrize(("changes", "reason"), BAD)
def test_files_that_hold_something_else_are_named(tmp_path, changes, reason):
    files = {name: held for name, held in (good() | changes).items() if held is not None}
    packed(tmp_path / "cifar10", files)
    with pytest.raises(DataError, match=reason) as error:
        load("cifar10", root=tmp_path)
    assert str(tmp_path) in str(error.value)


def table(folder: Path, pictures: list[np.ndarray], labels: list[int] | None) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = []
    for pixels in pictures:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "png")
        rows.append({"bytes": file.getvalue(), "path": ""})
    folder.mkdir(exist_ok=True)
    columns = {"img": rows} | ({"label": labels} if labels is not None else {})
    for name in ("train", "test"):
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")


def test_tables_of_pictures_are_read_too(tmp_path):
    pictures = list(rng.integers(0, 256, (2, 32, 32, 3), np.uint8))
    table(tmp_path / "cifar10", pictures, [9, 0])
    data = load("cifar10", root=tmp_path)
    assert np.array_equal(data.train.x, np.stack(pictures).transpose(0, 3, 1, 2))
    assert data.test.y.tolist() == [9, 0]


@pytest.mark.parametrize(
    ("shape", "labels", "reason"),
    [
        ((31, 32, 3), [0], r"another picture in row 0"),
        ((32, 32, 3), None, "no column of labels"),
        ((32, 32, 3), [10], "label 10"),
    ],
)
def test_tables_of_something_else_are_refused(tmp_path, shape, labels, reason):
    table(tmp_path / "cifar10", [np.zeros(shape, np.uint8)], labels)
    with pytest.raises(DataError, match=reason):
        load("cifar10", root=tmp_path)


def test_the_published_archive_is_what_is_fetched():
    # Entered a second time, as its authors publish it.
    (file,) = CIFAR10.files
    assert (file.name, file.size) == ("cifar-10-binary.tar.gz", 170_052_171)
    assert all(mirror.startswith("https://") for mirror in CIFAR10.mirrors)


@pytest.mark.full
def test_the_real_tables_have_as_many_of_each_class(full_data, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(full_data / "cifar10" / "test.parquet")
    assert np.bincount(table["label"].to_numpy()).tolist() == [1000] * 10
    # A part stands for the whole: to decode all 60,000 pictures takes too long for a test.
    (tmp_path / "cifar10").mkdir()
    for name in ("train", "test"):
        pq.write_table(table.slice(0, 1500), tmp_path / "cifar10" / f"{name}.parquet")
    data = load("cifar10", root=tmp_path)
    assert len(data.test) == 1500
    # The mean colours of the published pictures, which JPEG leaves alone.
    assert np.allclose(data.test.x.mean(axis=(0, 2, 3)) / 255, [0.4942, 0.4851, 0.4504], atol=0.01)
