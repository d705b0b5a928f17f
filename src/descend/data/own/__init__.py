"""One's own data: `load(path)` for files as they are, and a function for each kind with its choices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from descend.data.checks import whole
from descend.data.dataset import Dataset
from descend.data.errors import DataError
from descend.data.own import arrays, pictures, tables, texts, waves
from descend.data.own.collected import Problem
from descend.data.own.kinds import collect, recognised
from descend.data.own.report import Report, inspect
from descend.engine.errors import UsageError

__all__ = [
    "Problem",
    "Report",
    "csv_table",
    "image_folder",
    "image_parquet",
    "inspect",
    "load_path",
    "numpy_arrays",
    "recognised",
    "text_files",
    "wav_folder",
]

Size = tuple[int, int]


def _place(path: str | Path, folder: bool = False) -> Path:
    place = Path(path).expanduser()
    if not place.exists():
        raise DataError(f"there is no file or folder {place}")
    if folder and not place.is_dir():
        raise DataError(f"{place} is no folder", needed="the folder that the files are in")
    return place


def _size(size: Any) -> Size | None:
    if size is None:
        return None
    if not isinstance(size, tuple | list) or len(size) != 2:
        raise UsageError("a size is two numbers of pixels", given=repr(size), needed="(h, w)")
    return whole(size[0], "height", 1), whole(size[1], "width", 1)


def load_path(path: str | Path) -> Dataset:
    """The data set in a file or a folder, whatever its kind; see `inspect` for what was found.

    Raises DataError where a file cannot be used, naming it, the reason and what would help.
    """
    return collect(path).dataset()


def image_folder(path: str | Path, *, size: Size | None = None, colour: bool | None = None) -> Dataset:
    """Pictures in a folder for each class: root/CLASS/FILE, or root/train/CLASS/FILE and root/test/CLASS/FILE.

    size: (h, w) that all are resized to, bilinear; without it, all must have one size. colour: False makes all grey,
    True all colours; by default grey ones become colours only where there are some of both.
    x: uint8, shape (n, c, h, w). Read with Pillow: PNG, JPEG and others. Raises DataError; see `load_path`.
    """
    return pictures.folder(_place(path, folder=True), _size(size), colour).dataset()


def image_parquet(path: str | Path, *, size: Size | None = None, colour: bool | None = None) -> Dataset:
    """Pictures in Parquet tables as Hugging Face has them: one file, or a folder with train-*.parquet, test-*.parquet.

    Columns: image or img, of struct(bytes, path), and label. Needs pyarrow. Otherwise as `image_folder`.
    """
    return pictures.table(_place(path), _size(size), colour).dataset()


def csv_table(path: str | Path, *, target: str | None = None, leave_out: str | Sequence[str] = ()) -> Dataset:
    """A CSV file, or a folder with train.csv and test.csv: numbers, categories, and a column to predict.

    x: float32, shape (n, d), a category as one column for each of its values; `columns` names them. y: class numbers,
    or amounts of shape (n, 1). target, leave_out: names of columns. Raises DataError; see `load_path`.
    """
    left_out = [leave_out] if isinstance(leave_out, str) else leave_out
    return tables.load(_place(path), target, left_out).dataset()


def numpy_arrays(path: str | Path) -> Dataset:
    """NumPy's files: .npz with x_train, y_train, x_test, y_test or with x and y, or a folder with such .npy files."""
    return arrays.load(_place(path)).dataset()


def text_files(path: str | Path, *, encoding: str = "utf-8") -> Dataset:
    """One text, its last tenth for testing; or a folder of texts with a folder for each class."""
    place = _place(path)
    return (texts.folder if place.is_dir() else texts.file)(place, encoding).dataset()


def wav_folder(path: str | Path, *, rate: int | None = None) -> Dataset:
    """Recordings in a folder for each class, or named CLASS_anything.wav, as sequences of samples.

    rate: samples a second that all are brought to; without it, all must have the same. Raises DataError.
    """
    return waves.folder(_place(path, folder=True), rate).dataset()
