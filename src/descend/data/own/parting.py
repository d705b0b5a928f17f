"""Which examples are for training and which for testing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array
from descend.engine import philox

TRAIN, TEST, VALIDATION = "train", "test", "validation"
ONE_IN = 5

_NAMES = {
    "train": TRAIN, "training": TRAIN, "test": TEST, "testing": TEST,
    "val": VALIDATION, "valid": VALIDATION, "validation": VALIDATION,
}  # fmt: skip

Indices = NDArray[np.int64]


def part(name: str) -> str:
    """The part that a folder or file stands for by its name: train, test, validation, or "".

    A file may go on after a dash or an underscore: train-00000-of-00001.parquet.
    """
    stem = name.lower().split(".")[0]
    return _NAMES.get(stem) or _NAMES.get(stem.replace("_", "-").split("-")[0], "")


def parted(parts: Sequence[str], y: Array) -> tuple[Indices, Indices]:
    """The indices of the training and of the test examples.

    Where the files have both parts, these; where only training and validation exist, validation is the test.
    Otherwise one example in five of each class, drawn at random and always the same, is for testing.
    The training ones are in a random order that is always the same, so that what `Split.split` takes from their end
    is of all classes; validation examples of the files stand at that end.
    """
    held = np.array(parts)
    if TEST not in parts and VALIDATION in parts:
        held[held == VALIDATION] = TEST
    if TRAIN in held and TEST in held:
        first, last = np.flatnonzero((held != TEST) & (held != VALIDATION)), np.flatnonzero(held == VALIDATION)
        return np.concatenate([_mixed(first), last]), np.flatnonzero(held == TEST)
    train, test = _drawn(y)
    return _mixed(train), test


def _mixed(indices: Indices) -> Indices:
    return indices[philox.permutation(len(indices), 0)]


def _drawn(y: Array) -> tuple[Indices, Indices]:
    groups = [np.flatnonzero(y == k) for k in np.unique(y)] if y.ndim == 1 else [np.arange(len(y))]
    test = [g[philox.permutation(len(g), 0, stream=i)][: len(g) // ONE_IN] for i, g in enumerate(groups)]
    chosen = np.zeros(len(y), bool)
    chosen[np.concatenate(test) if test else []] = True
    if not chosen.any() and len(y) > 1:
        chosen[-1] = True
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
