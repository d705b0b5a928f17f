from __future__ import annotations

import gzip
import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from descend.data import DataError, load
from descend.data.datasets import idx, mnist, places
from descend.data.datasets.digits import DIGITS, N_TEST, N_TRAIN

SCRIPT = Path(__file__).parents[3] / "scripts" / "make_digits.py"


@pytest.fixture
def make():
    spec = importlib.util.spec_from_file_location("make_digits", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make


@pytest.mark.parametrize("file", DIGITS.files, ids=lambda file: file.name)
def test_the_files_in_the_package_are_the_ones_listed(file):
    data = (places.embedded(DIGITS) / file.name).read_bytes()
    assert len(data) == file.size
    assert file.checksum == "sha256:" + hashlib.sha256(data).hexdigest()


def test_digits_are_the_beginning_of_mnist():
    digits = load("digits")
    assert digits.train.x.shape == (N_TRAIN, 1, 28, 28)
    assert digits.test.x.shape == (N_TEST, 1, 28, 28)
    assert digits.train.y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert digits.test.y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert digits.classes == tuple("0123456789")
    assert set(digits.train.y) == set(digits.test.y) == set(range(10))


def test_the_package_stays_small():
    assert DIGITS.bytes < 1_000_000


@pytest.mark.full
def test_digits_equal_the_first_images_of_the_whole_set(full_data):
    digits, whole = load("digits"), load("mnist", root=full_data)
    assert digits.train.fingerprint == whole.train.take(N_TRAIN).fingerprint
    assert digits.test.fingerprint == whole.test.take(N_TEST).fingerprint


@pytest.mark.full
def test_the_script_makes_the_same_values_again(make, full_data, tmp_path):
    make(full_data / "mnist", tmp_path)
    for file in DIGITS.files:
        embedded = places.embedded(DIGITS) / file.name
        assert gzip.decompress((tmp_path / file.name).read_bytes()) == gzip.decompress(embedded.read_bytes())


def test_the_script_takes_the_first_examples_and_writes_no_time(make, tmp_path, capsys):
    source, images = tmp_path / "source", np.zeros((N_TRAIN + 1, 28, 28), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.arange(N_TRAIN + 1) % 256, np.arange(N_TRAIN + 1) // 256
    labels = (np.arange(N_TRAIN + 1) % 10).astype(np.uint8)
    source.mkdir()
    for file in mnist.MNIST.files:
        array = images if "images" in file.name else labels
        (source / file.name).write_bytes(gzip.compress(idx.encode(array), 1))
    make(source, tmp_path / "one")
    train, test = mnist.read(tmp_path / "one")
    assert np.array_equal(train.x[:, 0], images[:N_TRAIN])
    assert np.array_equal(test.x[:, 0], images[:N_TEST])
    assert np.array_equal(train.y, labels[:N_TRAIN])
    for line, file in zip(capsys.readouterr().out.splitlines(), mnist.MNIST.files, strict=True):
        data = (tmp_path / "one" / file.name).read_bytes()
        assert data[3:8] == bytes(5), "no flags (no name) and no time in the gzip header"
        assert line == f"{file.name} {len(data)} sha256:{hashlib.sha256(data).hexdigest()}"


def test_the_script_names_what_is_missing(make, tmp_path):
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz is missing"):
        make(tmp_path, tmp_path / "target")
