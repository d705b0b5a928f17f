"""MNIST: 60,000 + 10,000 handwritten digits, 28 x 28 pixels, in the original order and file format."""

from __future__ import annotations

from importlib.resources.abc import Traversable

import numpy as np

from descend.data.checks import Array
from descend.data.dataset import Split
from descend.data.datasets import idx
from descend.data.datasets.entry import DataFile, Entry, find
from descend.data.errors import DataError

CLASSES = tuple("0123456789")
SIDE = 28


def read(folder: Traversable) -> tuple[Split, Split]:
    """Both splits from the four IDX files. x: uint8 (n, 1, 28, 28). y: int64 (n,). Raises DataError."""
    return _split(folder, "train"), _split(folder, "t10k")


def _split(folder: Traversable, stem: str) -> Split:
    images = _file(folder, f"{stem}-images-idx3-ubyte.gz")
    labels = _file(folder, f"{stem}-labels-idx1-ubyte.gz")
    x, y = _images(images), _labels(labels)
    if len(x) != len(y):
        raise DataError(f"{labels} does not fit {images}", given=f"{len(y)} labels for {len(x)} images")
    return Split(x[:, None], y.astype(np.int64))


def _file(folder: Traversable, name: str) -> Traversable:
    path = find(folder, name)
    if path is None:
        raise DataError(f"{folder / name} is missing")
    return path


def _images(path: Traversable) -> Array:
    x = idx.read(path)
    if x.dtype != np.uint8 or x.shape[1:] != (SIDE, SIDE) or len(x) == 0:
        raise DataError(
            f"{path} does not hold digits",
            given=f"{x.dtype} of shape {x.shape}",
            needed=f"uint8 of shape (n, {SIDE}, {SIDE}), n at least 1",
        )
    return x


def _labels(path: Traversable) -> Array:
    y = idx.read(path)
    if y.dtype != np.uint8 or y.ndim != 1:
        raise DataError(
            f"{path} does not hold labels",
            given=f"{y.dtype} of shape {y.shape}",
            needed="uint8 of shape (n,)",
        )
    wrong = np.flatnonzero(y >= len(CLASSES))
    if len(wrong):
        raise DataError(
            f"{path} holds a label out of range",
            given=f"label {y[wrong[0]]} at index {wrong[0]}",
            needed=f"0 to {len(CLASSES) - 1}",
        )
    return y


MNIST = Entry(
    name="mnist",
    about="60,000 + 10,000 handwritten digits, 28 x 28 pixels in grey",
    source="Yann LeCun, Corinna Cortes, Christopher J. C. Burges: The MNIST database of handwritten digits",
    licence="CC BY-SA 3.0",
    classes=CLASSES,
    # MD5 is what is published with these files: it finds damage, and https is what vouches for the sender.
    files=(
        DataFile("train-images-idx3-ubyte.gz", 9_912_422, "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        DataFile("train-labels-idx1-ubyte.gz", 28_881, "md5:d53e105ee54ea40749a09fcbcd1e9432"),
        DataFile("t10k-images-idx3-ubyte.gz", 1_648_877, "md5:9fb629c4189551a2d022fa330f9573f3"),
        DataFile("t10k-labels-idx1-ubyte.gz", 4_542, "md5:ec29112dd5afa0611ce80d1b7f02629c"),
    ),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    read=read,
)
