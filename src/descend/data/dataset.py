"""Examples and their labels: a split of a data set, and the data set."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from descend.data import checks
from descend.data.checks import Array, Labels
from descend.data.errors import DataError

MOST_CLASSES = 100_000  # more than any data set has; identity numbers given as labels go beyond


@dataclass(frozen=True, eq=False)
class Split:
    """Examples x and their labels y; both arrays are read-only views.

    x: shape (n, ...), for images (n, c, h, w). y: int64, shape (n,).
    Raises DataError where the lengths differ, where there is no example, where x is not real and finite,
    and where y does not hold class numbers.
    """

    x: Array
    y: Labels

    def __post_init__(self) -> None:
        self._keep(checks.features(self.x, "x"), checks.labels(self.y, "y"))
        checks.same_length(self.x, self.y, "x", "y")

    def _keep(self, x: Array, y: Labels) -> None:
        object.__setattr__(self, "x", _read_only(x))
        object.__setattr__(self, "y", _read_only(y))

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        return f"Split({len(self)} examples, x {self.x.dtype} {self.x.shape})"

    def take(self, n: int) -> Split:
        """The first n examples."""
        n = checks.whole(n, "n", 1, len(self))
        return Split(self.x[:n], self.y[:n])

    def split(self, n: int) -> tuple[Split, Split]:
        """All examples but the last n, and the last n: a validation set held out of the training set."""
        kept = len(self) - checks.whole(n, "n", 1, len(self) - 1)
        return Split(self.x[:kept], self.y[:kept]), Split(self.x[kept:], self.y[kept:])

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of both arrays with their dtypes and shapes: equal exactly where the data are."""
        digest = hashlib.sha256()
        for array in (self.x, self.y):
            digest.update(f"{array.dtype.name}{array.shape}".encode())
            digest.update(_little_endian(array).data)
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named data set with its training and its test split.

    classes: the name of each class; labels index it. source: who made it. licence: the terms it comes under.
    found: the place it was read from, in words or as a path.
    Raises DataError where a label has no class, and where the splits hold different kinds of example.
    """

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...]
    source: str
    licence: str
    found: str

    def __post_init__(self) -> None:
        checks.below(self.train.y, len(self.classes), "y of the training split")
        checks.below(self.test.y, len(self.classes), "y of the test split")
        _same_kind(self.train.x, self.test.x)

    def __repr__(self) -> str:
        sizes = f"{len(self.train)} + {len(self.test)} examples, {len(self.classes)} classes"
        return f"Dataset({self.name!r}, {sizes})"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the arrays of both splits."""
        return hashlib.sha256(f"{self.train.fingerprint} {self.test.fingerprint}".encode()).hexdigest()


def from_arrays(
    x_train: ArrayLike,
    y_train: ArrayLike,
    x_test: ArrayLike,
    y_test: ArrayLike,
    classes: Sequence[str] | None = None,
    name: str = "arrays",
) -> Dataset:
    """A data set of one's own arrays; without `classes`, classes are named by their numbers.

    x: real numbers, shape (n, ...), the same in both splits but for n. y: class numbers, shape (n,).
    Raises DataError, naming the argument, for what cannot be trained on.
    """
    train = _named_split(x_train, y_train, "x_train", "y_train")
    test = _named_split(x_test, y_test, "x_test", "y_test")
    names = _numbered(train, test) if classes is None else tuple(map(str, classes))
    checks.below(train.y, len(names), "y_train")
    checks.below(test.y, len(names), "y_test")
    return Dataset(name, train, test, names, source="given as arrays", licence="not stated", found="memory")


def _named_split(x: ArrayLike, y: ArrayLike, x_name: str, y_name: str) -> Split:
    examples, numbers = checks.features(x, x_name), checks.labels(y, y_name)
    checks.same_length(examples, numbers, x_name, y_name)
    return Split(examples, numbers)


def _numbered(train: Split, test: Split) -> tuple[str, ...]:
    highest = max(int(train.y.max()), int(test.y.max()))
    if highest >= MOST_CLASSES:
        raise DataError(
            "the labels do not look like class numbers",
            given=f"labels up to {highest}, and no classes",
            needed="class numbers 0 .. k-1",
            fix="number the classes: names, y = np.unique(y, return_inverse=True)",
        )
    return tuple(map(str, range(highest + 1)))


def _same_kind(train: Array, test: Array) -> None:
    if train.shape[1:] != test.shape[1:] or train.dtype != test.dtype:
        raise DataError(
            "the training and the test examples are not of one kind",
            given=f"{train.dtype} {train.shape} and {test.dtype} {test.shape}",
            needed="one dtype, and shapes that differ in n only",
        )


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


def _little_endian(array: Array) -> Array:
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
