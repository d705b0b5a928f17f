"""What was found in somebody's own files: the examples that can be used, and what is wrong with the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Sized
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from descend.data.checks import Array
from descend.data.dataset import Dataset, Split
from descend.data.errors import DataError
from descend.data.own.parting import parted


@dataclass(frozen=True)
class Problem:
    """A file, or a line of one, that cannot be used, the reason, and what would help."""

    file: str
    reason: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


@dataclass(frozen=True)
class Collected:
    """The content of a place.

    kind: in words. x: the examples, as in `Split`. y: class numbers (n,), targets (n, d), or (n, 0) for none.
    files: where each example comes from. parts: "train", "test", or "" for what is not parted yet.
    """

    kind: str
    place: Path
    x: Array
    y: Array
    files: Sequence[str]
    parts: Sequence[str]
    classes: tuple[str, ...] = ()
    problems: Sequence[Problem] = ()
    ignored: int = 0
    rate: int | None = None
    columns: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.x)

    def counts(self) -> dict[str, int]:
        """Examples of each class."""
        numbers = Counter(self.y.tolist()) if self.y.ndim == 1 else Counter[int]()
        return {name: numbers[i] for i, name in enumerate(self.classes)}

    def dataset(self) -> Dataset:
        """The data set: train and test as the files part them, otherwise one example in five for testing.

        Raises DataError where anything is wrong with a file, and where there is nothing to train or to test on.
        """
        if self.problems:
            raise self._refusal()
        train, test = parted(self.parts, self.y)
        if not len(train) or not len(test):
            raise DataError(
                f"{self.place} holds too little",
                given=f"{len(train)} examples to train on and {len(test)} to test on",
                needed="one of each at least",
            )
        whole = Split(self.x, self.y)
        return Dataset(
            self.place.resolve().name, whole.pick(train), whole.pick(test), self.classes, "one's own files",
            "not stated", str(self.place), self.rate, self.columns,
        )  # fmt: skip

    def split_in_words(self) -> str:
        """How many examples are for training and for testing, and why."""
        train, test = parted(self.parts, self.y)
        given = len(set(self.parts) - {""}) > 1
        return f"{len(train):,} + {len(test):,}, " + ("as they stand apart" if given else "one in five for testing")

    def _refusal(self) -> DataError:
        n, first = len(self.problems), self.problems[0]
        more = f"; and {n - 1} more" if n > 1 else ""
        return DataError(
            f"{self.place} cannot be used as it is",
            given=f"{first}{more}",
            fix=(first.fix or "mend or remove what is named")
            + (f"; all of it is listed by: descend data info {self.place}" if n > 1 else ""),
        )


def nothing(x: Sized) -> Array:
    """The y of examples with nothing to predict. Shape (n, 0)."""
    return np.empty((len(x), 0), np.float32)
