"""CIFAR-10: 50,000 + 10,000 colour pictures of ten kinds of thing, 32 x 32 pixels."""

from __future__ import annotations

from importlib.resources.abc import Traversable

import numpy as np

from descend.data import checks
from descend.data.checks import Array
from descend.data.dataset import Split
from descend.data.datasets.entry import DataFile, Entry, Form
from descend.data.errors import DataError
from descend.data.formats import archive, parquet, pictures

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SHAPE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32  # bytes: the label, then the pixels, colour by colour
_ARCHIVE, _FOLDER = "cifar-10-binary.tar.gz", "cifar-10-batches-bin"
_TRAINING = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
_TEST = "test_batch.bin"


def read(folder: Traversable) -> tuple[Split, Split]:
    """Both splits from the archive of binary records. x: uint8 (n, 3, 32, 32). y: int64 (n,). Raises DataError."""
    return _binary(folder / _ARCHIVE)


def read_unpacked(folder: Traversable) -> tuple[Split, Split]:
    """The same from the unpacked archive."""
    return _binary(folder / _FOLDER)


def read_parquet(folder: Traversable) -> tuple[Split, Split]:
    """Both splits from train.parquet and test.parquet, whose pictures may be in JPEG: near the originals, not equal."""
    return _table(folder / "train.parquet"), _table(folder / "test.parquet")


def _binary(path: Traversable) -> tuple[Split, Split]:
    files = archive.members(path, ".bin")
    lacking = [name for name in (*_TRAINING, _TEST) if name not in files]
    if lacking:
        raise DataError(f"{path} lacks {', '.join(lacking)}")
    training = [_records(files[name], f"{name} in {path}") for name in _TRAINING]
    x, y = (np.concatenate(parts) for parts in zip(*training, strict=True))
    return Split(x, y), Split(*_records(files[_TEST], f"{_TEST} in {path}"))


def _records(data: bytes, name: str) -> tuple[Array, Array]:
    if not data or len(data) % _RECORD:
        raise DataError(f"{name} is cut short", given=f"{len(data)} bytes", needed=f"records of {_RECORD} bytes")
    records = np.frombuffer(data, np.uint8).reshape(-1, _RECORD)
    y = records[:, 0].astype(np.int64)
    checks.below(y, len(CLASSES), name)
    return records[:, 1:].reshape(-1, *SHAPE), y


def _table(path: Traversable) -> Split:
    table = parquet.read(path)
    if table.labels is None:
        raise DataError(f"{path} has no column of labels", needed="label")
    x = np.empty((len(table.pictures), *SHAPE), np.uint8)
    for i, picture in enumerate(table.pictures):
        pixels = pictures.decode(picture, f"the picture in row {i} of {path}", colour=True)
        if pixels.shape != SHAPE:
            raise DataError(f"{path} holds another picture in row {i}", given=f"{pixels.shape}", needed=f"{SHAPE}")
        x[i] = pixels
    y = np.array(table.labels, np.int64)
    checks.below(y, len(CLASSES), f"the column label of {path}")
    return Split(x, y)


CIFAR10 = Entry(
    name="cifar10",
    about="50,000 + 10,000 colour pictures of ten kinds of thing, 32 x 32 pixels",
    source="Alex Krizhevsky 2009: Learning multiple layers of features from tiny images",
    licence="none stated; to be cited",
    classes=CLASSES,
    # MD5 is what is published with it; this SHA-256 is of the file with that MD5.
    files=(DataFile(_ARCHIVE, 170_052_171, "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),),
    mirrors=("https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"),
    read=read,
    others=(Form((f"{_FOLDER}/",), read_unpacked), Form(("train.parquet", "test.parquet"), read_parquet)),
)
