"""Olivetti faces: ten pictures of each of 40 people, 64 x 64 pixels in grey."""

from __future__ import annotations

import zipfile
import zlib
from importlib.resources.abc import Traversable

import numpy as np

from descend.data import checks
from descend.data.checks import Array
from descend.data.dataset import Split
from descend.data.datasets.entry import DataFile, Entry, Form
from descend.data.errors import DataError
from descend.data.formats import mat

PEOPLE, EACH, SIDE = 40, 10, 64
N_TEST = 2  # pictures of each person; no split was published
_MATLAB, _NUMPY = "olivettifaces.mat", "olivetti.npz"


def read(folder: Traversable) -> tuple[Split, Split]:
    """The last two pictures of each person are the test split, the others are mixed.

    x: uint8 (n, 1, 64, 64). y: the person. Raises DataError.
    """
    path = folder / _MATLAB
    columns = mat.read(path, "faces")
    if columns.shape != (SIDE * SIDE, PEOPLE * EACH):
        raise DataError(f"{path} does not hold the faces", given=f"shape {columns.shape}", needed="shape (4096, 400)")
    # A column is a picture in MATLAB's order, one column of pixels after the other.
    faces = columns.T.reshape(-1, SIDE, SIDE).transpose(0, 2, 1)
    return _splits(_bytes(faces, path), np.repeat(np.arange(PEOPLE), EACH), path)


def read_arrays(folder: Traversable) -> tuple[Split, Split]:
    """The same from NumPy's format: images uint8 (400, 64, 64), person 0 .. 39."""
    path = folder / _NUMPY
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            faces, people = arrays["images"], arrays["person"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} cannot be read", given=str(error), needed="arrays named images and person") from error
    if faces.shape[1:] != (SIDE, SIDE):
        raise DataError(f"{path} does not hold the faces", given=f"shape {faces.shape}", needed="shape (n, 64, 64)")
    return _splits(_bytes(faces, path), people, path)


def _bytes(faces: Array, path: Traversable) -> Array:
    if faces.min() < 0 or faces.max() > 255 or not np.array_equal(faces, np.rint(faces)):
        raise DataError(f"{path} does not hold pixels", given=f"{faces.min()} to {faces.max()}", needed="0 to 255")
    return faces.astype(np.uint8)


def _splits(faces: Array, people: Array, path: Traversable) -> tuple[Split, Split]:
    y = checks.labels(people, f"person in {path}")
    checks.below(y, PEOPLE, f"person in {path}")
    checks.same_length(faces, y, f"images in {path}", "person")
    place = np.array([np.count_nonzero(y[:i] == person) for i, person in enumerate(y)])
    test = place >= np.bincount(y, minlength=PEOPLE)[y] - N_TEST
    whole = Split(faces[:, None], y)
    return whole.pick(np.flatnonzero(~test)).shuffled(), whole.pick(np.flatnonzero(test))


OLIVETTI = Entry(
    name="olivetti",
    about="320 + 80 faces of 40 people, 64 x 64 pixels in grey",
    source="AT&T Laboratories Cambridge 1994: The database of faces; in this form by Sam Roweis",
    licence="free with credit to AT&T Laboratories Cambridge",
    classes=tuple(f"person {i}" for i in range(PEOPLE)),
    files=(DataFile(_MATLAB, None, "sha256:b612fb967f2dc77c9c62d3e1266e0c73d5fca46a4b8906c18e454d41af987794"),),
    mirrors=("https://cs.nyu.edu/~roweis/data/", "https://ndownloader.figshare.com/files/5976027"),
    read=read,
    others=(Form((_NUMPY,), read_arrays),),
    split="none is published: the last two pictures of each person are for testing",
)
