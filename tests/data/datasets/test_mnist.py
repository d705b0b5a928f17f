from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from descend.data import DataError, load
from descend.data.datasets import idx, mnist

NAMES = {
    "images": "train-images-idx3-ubyte.gz",
    "labels": "train-labels-idx1-ubyte.gz",
    "test images": "t10k-images-idx3-ubyte.gz",
    "test labels": "t10k-labels-idx1-ubyte.gz",
}
# Of the unpacked files, as they were published.
MD5 = {
    "images": "6bbc9ace898e44ae57da46a324031adb",
    "labels": "a25bea736e30d166cdddb491f175f624",
    "test images": "2646ac647ad5339dbf082846283269ea",
    "test labels": "27ae3e4e09519cfbb04c329615203637",
}


def images(n: int) -> np.ndarray:
    return np.arange(n * 784, dtype=np.uint32).astype(np.uint8).reshape(n, 28, 28)


def good() -> dict[str, np.ndarray]:
    labels = np.arange(12, dtype=np.uint8) % 10
    return {"images": images(12), "labels": labels, "test images": images(3), "test labels": labels[:3]}


def write(folder: Path, arrays: dict[str, np.ndarray]) -> Path:
    folder.mkdir(exist_ok=True)
    for key, array in arrays.items():
        (folder / NAMES[key]).write_bytes(gzip.compress(idx.encode(array)))
    return folder


def test_the_files_become_two_splits(tmp_path):
    train, test = mnist.read(write(tmp_path, good()))
    assert train.x.shape == (12, 1, 28, 28)
    assert train.x.dtype == np.uint8
    assert train.y.dtype == np.int64
    assert np.array_equal(train.x[:, 0], images(12))
    assert train.y.tolist() == [*range(10), 0, 1]
    assert np.array_equal(test.x[:, 0], images(3))
    assert test.y.tolist() == [0, 1, 2]


BAD = [
    ("images", images(11), "11 images"),
    ("labels", np.zeros(13, np.uint8), "13 labels for 12 images"),
    ("labels", np.array([0] * 7 + [10] + [0] * 4, np.uint8), "label 10 at index 7"),
    ("test labels", np.array([0, 255, 3], np.uint8), "label 255 at index 1"),
    ("images", images(12).reshape(12, 784), r"shape \(12, 784\)"),
    ("images", images(12)[:, :, :27], r"shape \(12, 28, 27\)"),
    ("test images", images(3).astype(np.float32), "float32"),
    ("test images", images(0), r"shape \(0, 28, 28\)"),
    ("labels", np.zeros((12, 1), np.uint8), r"shape \(12, 1\)"),
    ("labels", np.zeros(12, np.int32), "int32"),
]


@pytest.mark.parametrize(("key", "array", "reason"), BAD)
def test_files_that_hold_something_else_are_named(tmp_path, key, array, reason):
    write(tmp_path, good() | {key: array})
    with pytest.raises(DataError, match=reason) as error:
        mnist.read(tmp_path)
    assert str(tmp_path / NAMES[key]) in error.value.problem


def test_images_and_labels_that_were_swapped_are_noticed(tmp_path):
    arrays = good()
    write(tmp_path, arrays | {"images": arrays["labels"], "labels": arrays["images"]})
    with pytest.raises(DataError, match="does not hold digits"):
        mnist.read(tmp_path)


@pytest.mark.parametrize("key", NAMES)
def test_a_missing_file_is_named(tmp_path, key):
    write(tmp_path, good())
    (tmp_path / NAMES[key]).unlink()
    with pytest.raises(DataError, match=f"{NAMES[key]} is missing"):
        mnist.read(tmp_path)


def test_the_addresses_are_safe_and_end_where_the_name_begins():
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in mnist.MNIST.mirrors)
    assert len(mnist.MNIST.mirrors) >= 2
    assert mnist.MNIST.bytes == 11_594_722


def test_the_checksums_are_the_published_ones():
    # Entered a second time, from another copy of the list: no test here can ask the servers themselves.
    published = {
        "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
        "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
        "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
    }
    assert {file.name: file.checksum for file in mnist.MNIST.files} == {k: f"md5:{v}" for k, v in published.items()}


@pytest.mark.full
def test_the_whole_set_is_the_published_one(full_data):
    for key, name in NAMES.items():
        array = idx.read(full_data / "mnist" / name)
        assert hashlib.md5(idx.encode(array)).hexdigest() == MD5[key]
    whole = load("mnist")
    assert (len(whole.train), len(whole.test)) == (60_000, 10_000)
    assert np.bincount(whole.train.y).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert round(float(whole.train.x.mean() / 255), 4) == 0.1307
