"""One's own data: `load(path)` for files as they are, and a function for each kind with its choices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from descend.data.dataset import Dataset
from descend.data.own import arrays, pictures, tables, texts, waves
from descend.data.own.collected import Problem
from descend.data.own.kinds import collect, recognised
from descend.data.own.report import Report, inspect

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
    return pictures.folder(Path(path).expanduser(), size, colour).dataset()


def image_parquet(path: str | Path, *, size: Size | None = None, colour: bool | None = None) -> Dataset:
    """Pictures in Parquet tables as Hugging Face has them: one file, or a folder with train-*.parquet, test-*.parquet.

    Columns: image or img, of struct(bytes, path), and label. Needs pyarrow. Otherwise as `image_folder`.
    """
    return pictures.table(Path(path).expanduser(), size, colour).dataset()


def csv_table(path: str | Path, *, target: str | None = None, leave_out: Sequence[str] = ()) -> Dataset:
    """A CSV file, or a folder with train.csv and test.csv: numbers, categories, and a column to predict.

    x: float32, shape (n, d), a category as one column for each of its values; `columns` names them. y: class numbers,
    or amounts of shape (n, 1). target, leave_out: names of columns. Raises DataError; see `load_path`.
    """
    return tables.load(Path(path).expanduser(), target, leave_out).dataset()


def numpy_arrays(path: str | Path) -> Dataset:
    """NumPy's files: .npz with x_train, y_train, x_test, y_test or with x and y, or a folder with such .npy files."""
    return arrays.load(Path(path).expanduser()).dataset()


def text_files(path: str | Path, *, encoding: str = "utf-8") -> Dataset:
    """One text, its last tenth for testing; or a folder of texts with a folder for each class."""
    place = Path(path).expanduser()
    return (texts.folder if place.is_dir() else texts.file)(place, encoding).dataset()


def wav_folder(path: str | Path, *, rate: int | None = None) -> Dataset:
    """Recordings in a folder for each class, or named CLASS_anything.wav, as sequences of samples.

    rate: samples a second that all are brought to; without it, all must have the same. Raises DataError.
    """
    return waves.folder(Path(path).expanduser(), rate).dataset()
