"""Examples and what is to be predicted of them: a split of a data set, and the data set."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from descend.data import checks
from descend.data.checks import Array
from descend.data.errors import DataError
from descend.data.items import described, read_only
from descend.engine import philox

MOST_CLASSES = 100_000  # more than any data set has; identity numbers given as labels go beyond


@dataclass(frozen=True, eq=False)
class Split:
    """Examples x and their labels y; both arrays are read-only views.

    x: numbers of shape (n, ...), for images (n, c, h, w); or (n,) of dtype object, whose items are texts (str) or
    sequences: arrays of shape (t, ...) that differ in their length t only (see `sequences`).
    y: class numbers, int64 of shape (n,); or real targets, floats of shape (n, ...), with (n, 0) where there is
    nothing to predict (see `unlabelled`).
    Raises DataError where the lengths differ, where there is no example, where x is not real and finite,
    and where y does not hold class numbers or targets.
    """

    x: Array
    y: Array

    def __post_init__(self) -> None:
        self._keep(checks.examples(self.x, "x"), checks.targets(self.y, "y"))
        checks.same_length(self.x, self.y, "x", "y")

    def _keep(self, x: Array, y: Array) -> None:
        object.__setattr__(self, "x", read_only(x))
        object.__setattr__(self, "y", read_only(y))

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        return f"Split({len(self)} examples, x {described(self.x)})"

    def take(self, n: int) -> Split:
        """The first n examples."""
        n = checks.whole(n, "n", 1, len(self))
        return Split(self.x[:n], self.y[:n])

    def split(self, n: int) -> tuple[Split, Split]:
        """All examples but the last n, and the last n: a validation set held out of the training set."""
        kept = len(self) - checks.whole(n, "n", 1, len(self) - 1)
        return Split(self.x[:kept], self.y[:kept]), Split(self.x[kept:], self.y[kept:])

    def pick(self, indices: Sequence[int] | Array) -> Split:
        """The examples at these indices, in their order."""
        return Split(self.x[np.asarray(indices)], self.y[np.asarray(indices)])

    def shuffled(self, seed: int = 0) -> Split:
        """The examples in a random order: what `split` takes from the end of a set in order would be one class."""
        return self.pick(philox.permutation(len(self), checks.whole(seed, "seed", 0)))

    def map(self, change: Callable[[Array], Array]) -> Split:
        """The split with change(x) for x: texts become numbers, sounds become spectrograms."""
        return Split(change(self.x), self.y)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of both arrays with their dtypes and shapes: equal exactly where the data are."""
        digest = hashlib.sha256()
        for array in (self.x, self.y):
            digest.update(f"{array.dtype.name}{array.shape}".encode())
            for part in _parts(array):
                digest.update(part)
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named data set with its training and its test split.

    classes: the name of each class, none where y holds targets; labels index it. source: who made it.
    licence: the terms it comes under. found: the place it was read from, in words or as a path.
    rate: samples a second, of sound. columns: the name of each feature, of a table.
    Raises DataError where a label has no class, and where the splits hold different kinds of example.
    """

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...]
    source: str
    licence: str
    found: str
    rate: int | None = None
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _same_sort(self.train.y, self.test.y)
        if self.train.y.ndim == 1:
            checks.below(self.train.y, len(self.classes), "y of the training split")
            checks.below(self.test.y, len(self.classes), "y of the test split")
        _same_kind(self.train.x, self.test.x)

    def __repr__(self) -> str:
        sizes = f"{len(self.train)} + {len(self.test)} examples, {len(self.classes)} classes"
        return f"Dataset({self.name!r}, {sizes})"

    def map(self, change: Callable[[Array], Array]) -> Dataset:
        """The data set with change(x) for the x of both splits."""
        return replace(self, train=self.train.map(change), test=self.test.map(change))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the arrays of both splits."""
        return hashlib.sha256(f"{self.train.fingerprint} {self.test.fingerprint}".encode()).hexdigest()


def unlabelled(x: ArrayLike) -> Split:
    """A split of examples with nothing to predict: y has shape (n, 0)."""
    examples = checks.examples(x, "x")
    return Split(examples, np.empty((len(examples), 0), np.float32))


def from_arrays(
    x_train: ArrayLike,
    y_train: ArrayLike | None = None,
    x_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    classes: Sequence[str] | None = None,
    name: str = "arrays",
) -> Dataset:
    """A data set of one's own arrays; without `classes`, classes are named by their numbers.

    x: real numbers, shape (n, ...), the same in both splits but for n; texts; or `sequences`.
    y: class numbers, shape (n,), or real targets, floats of shape (n, ...).
    Raises DataError, naming the argument, for what cannot be trained on.
    """
    if y_train is None or x_test is None or y_test is None:
        raise _incomplete(y_train=y_train, x_test=x_test, y_test=y_test)
    train = _named_split(x_train, y_train, "x_train", "y_train")
    test = _named_split(x_test, y_test, "x_test", "y_test")
    if min(train.y.ndim, test.y.ndim) > 1:
        return Dataset(name, train, test, (), source="given as arrays", licence="not stated", found="memory")
    names = _numbered(train, test) if classes is None else tuple(map(str, classes))
    _same_sort(train.y, test.y)
    checks.below(train.y, len(names), "y_train")
    checks.below(test.y, len(names), "y_test")
    return Dataset(name, train, test, names, source="given as arrays", licence="not stated", found="memory")


def _incomplete(**arrays: ArrayLike | None) -> DataError:
    missing = ", ".join(name for name, array in arrays.items() if array is None)
    return DataError(
        "a data set has training and test examples, each with labels",
        given=f"no {missing}",
        needed="from_arrays(x_train, y_train, x_test, y_test)",
        fix="keep some examples apart for the test: from_arrays(x[:-n], y[:-n], x[-n:], y[-n:])",
    )


def _named_split(x: ArrayLike, y: ArrayLike, x_name: str, y_name: str) -> Split:
    examples, numbers = checks.examples(x, x_name), checks.targets(y, y_name)
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


def _same_sort(train: Array, test: Array) -> None:
    if train.shape[1:] != test.shape[1:]:
        raise DataError(
            "the training and the test split have different things to predict",
            given=f"y of shape {train.shape} and {test.shape}",
            needed="class numbers of shape (n,) in both, or targets of one shape (n, ...)",
        )


def _same_kind(train: Array, test: Array) -> None:
    if checks.kind(train) != checks.kind(test):
        raise DataError(
            "the training and the test examples are not of one kind",
            given=f"{described(train)} and {described(test)}",
            needed="one dtype, and shapes that differ in n only",
        )


def _parts(array: Array) -> Iterator[bytes | memoryview]:
    if array.dtype != object:
        yield _little_endian(array).data
        return
    for item in array:
        # The head first: without it "ab", "c" and "a", "bc" would be the same bytes.
        text = item.encode() if isinstance(item, str) else b""
        yield f"text {len(text)}".encode() if isinstance(item, str) else f"{item.dtype.name}{item.shape}".encode()
        yield text if isinstance(item, str) else _little_endian(item).data


def _little_endian(array: Array) -> Array:
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
