"""Movie reviews: 5,331 sentences that praise a film and 5,331 that do not."""

from __future__ import annotations

from importlib.resources.abc import Traversable

import numpy as np

from descend.data.dataset import Split
from descend.data.datasets.entry import DataFile, Entry, Form
from descend.data.errors import DataError
from descend.data.formats import archive

FOLDS = 10  # the set is published without a split and used with ten-fold cross-validation
_ARCHIVE, _FOLDER = "rt-polaritydata.tar.gz", "rt-polaritydata"
_FILES = ("rt-polarity.neg", "rt-polarity.pos")


def read(folder: Traversable) -> tuple[Split, Split]:
    """Sentences 0, 10, 20, ... of each class are the test split, the others are mixed.

    x: texts. y: 0 negative, 1 positive. Raises DataError.
    """
    return _splits(folder / _ARCHIVE)


def read_unpacked(folder: Traversable) -> tuple[Split, Split]:
    """The same from the unpacked archive."""
    return _splits(folder / _FOLDER)


def read_files(folder: Traversable) -> tuple[Split, Split]:
    """The same from the two files in the folder itself."""
    return _splits(folder)


def _splits(path: Traversable) -> tuple[Split, Split]:
    negative, positive = (_sentences(path, name) for name in _FILES)
    x = np.array([*negative, *positive], object)
    y = np.repeat([0, 1], [len(negative), len(positive)])
    test = np.concatenate([np.arange(len(negative)), np.arange(len(positive))]) % FOLDS == 0
    whole = Split(x, y)
    return whole.pick(np.flatnonzero(~test)).shuffled(), whole.pick(np.flatnonzero(test))


def _sentences(path: Traversable, name: str) -> list[str]:
    text = archive.members(path, name)[name].decode("latin-1")
    # Not splitlines: in Latin-1 the byte 0x85 counts as the end of a line there, and here it is three dots.
    sentences = [line.strip() for line in text.split("\n") if line.strip()]
    if len(sentences) <= FOLDS:
        raise DataError(f"{name} in {path} is cut short", given=f"{len(sentences)} sentences", needed="thousands")
    return sentences


MOVIE_REVIEWS = Entry(
    name="movie-reviews",
    about="9,594 + 1,068 sentences of film reviews, half of them praise",
    source="Bo Pang and Lillian Lee 2005: Seeing stars, arXiv:cs/0506075; sentence polarity data, version 1.0",
    licence="none stated; to be cited",
    classes=("negative", "positive"),
    files=(DataFile(_ARCHIVE, 487_770, "sha256:a05befe52aafda71d458d188a1c54506a998b1308613ba76bbda2e5029409ce9"),),
    mirrors=(
        "https://www.cs.cornell.edu/people/pabo/movie-review-data/",
        "https://storage.googleapis.com/seldon-datasets/sentence_polarity_v1/",
    ),
    read=read,
    split="none is published: sentences 0, 10, 20, ... of each class are for testing, one of ten folds",
    others=(Form((f"{_FOLDER}/",), read_unpacked), Form(_FILES, read_files)),
)
