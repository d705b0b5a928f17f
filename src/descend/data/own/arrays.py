"""NumPy's files: x.npy with y.npy, or .npz with x_train, y_train, x_test, y_test, or with x and y."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from descend.data import checks
from descend.data.checks import Array
from descend.data.errors import DataError
from descend.data.own.collected import Collected, nothing
from descend.data.own.parting import TEST, TRAIN

SUFFIXES = frozenset({".npy", ".npz"})
_X, _Y = ("x", "images", "data", "features", "inputs"), ("y", "labels", "label", "targets", "target", "person", "class")


def load(place: Path) -> Collected:
    """The arrays of a file, or of the .npy files of a folder."""
    held = {path.stem: _npy(path) for path in sorted(place.glob("*.npy"))} if place.is_dir() else _file(place)
    pairs = [(part, *pair) for part in (TRAIN, TEST) if (pair := _pair(held, part))]
    if pairs:
        _no_half(held, [part for part, *_ in pairs], place)
    pairs = pairs or [("", *_unparted(held, place))]
    for part, x, y in pairs:
        name = f"{part} in {place}".removeprefix(" ")
        checks.same_length(checks.features(x, f"x {name}"), checks.targets(y, f"y {name}"), f"x {name}", "y")
    xs, ys = [x for _, x, _ in pairs], [y for _, _, y in pairs]
    if len({(x.dtype, x.shape[1:]) for x in xs}) > 1 or len({y.shape[1:] for y in ys}) > 1:
        raise DataError(f"{place} holds two kinds of example", given=" and ".join(f"{x.dtype} {x.shape}" for x in xs))
    y = np.concatenate(ys)
    parts = [part for part, x, _ in pairs for _ in range(len(x))]
    classes = tuple(map(str, range(int(y.max()) + 1))) if y.ndim == 1 else ()
    return Collected("arrays", place, np.concatenate(xs), y, [str(place)] * len(y), parts, classes)


def _file(path: Path) -> dict[str, Array]:
    if path.suffix == ".npy":
        return {"x": _npy(path)}
    try:
        # Opened here: np.load leaves a file open that it cannot read.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise _damaged(path, error) from error


def _npy(path: Path) -> Array:
    try:
        with path.open("rb") as file:
            return np.asarray(np.load(file, allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{path} cannot be read",
        given=str(error),
        needed="whole arrays of numbers, not of Python objects",
        fix="write it again: np.savez(path, x=..., y=...)",
    )


def _pair(held: Mapping[str, Array], part: str) -> tuple[Array, Array] | None:
    """x_train and y_train, train_images and train_labels: whatever their order, one of each."""
    names = {name.lower().replace(part, "").strip("_"): name for name in held if part in name.lower()}
    x, y = (next((names[word] for word in words if word in names), None) for words in (_X, _Y))
    return (held[x], _targets(held[y])) if x and y else None


def _no_half(held: Mapping[str, Array], parts: list[str], place: Path) -> None:
    """Raises DataError for arrays of a part that has no pair: they would be left out unnoticed."""
    for name in held:
        part = next((part for part in (TRAIN, TEST) if part in name.lower()), None)
        if part and part not in parts:
            raise DataError(
                f"{place} has {name} alone of its {part} data", given=f"the arrays {', '.join(held)}",
                needed=f"x_{part} and y_{part}, or neither",
            )  # fmt: skip


def _targets(y: Array) -> Array:
    """Amounts to predict as a column, class numbers as they are."""
    return y[:, None] if y.ndim == 1 and y.dtype.kind == "f" else y


def _unparted(held: Mapping[str, Array], place: Path) -> tuple[Array, Array]:
    named = {name.lower(): array for name, array in held.items()}
    x = next((named[word] for word in _X if word in named), None)
    y = next((named[word] for word in _Y if word in named), None)
    if x is None and len(named) == 1:
        x = next(iter(named.values()))
    if x is None or (y is None and len(named) > 1):
        raise DataError(
            f"it cannot be told what {place} holds",
            given=", ".join(f"{name} {array.dtype} {array.shape}" for name, array in held.items()) or "no arrays",
            needed="arrays named x and y, or x_train, y_train, x_test and y_test",
        )
    return x, nothing(x) if y is None else _targets(y)
