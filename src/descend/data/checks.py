"""The checks that every array passes before it becomes data."""

from __future__ import annotations

import math
import operator
from numbers import Real
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from descend.data.errors import DataError
from descend.engine.errors import UsageError

Array = NDArray[Any]
Labels = NDArray[np.int64]


def whole(value: SupportsIndex, name: str, least: int, most: int | None = None) -> int:
    """The integer `value`, which must lie in least .. most; UsageError otherwise."""
    try:
        number = operator.index(value)
    except TypeError:
        raise UsageError(f"{name} is not a whole number", given=repr(value), needed="an int") from None
    if number < least or (most is not None and number > most):
        reach = f"{least} or more" if most is None else f"{least} to {most}"
        raise UsageError(f"{name} is out of range", given=f"{name} = {number}", needed=f"{name} of {reach}")
    return number


def number(value: Any, name: str, least: float, most: float = math.inf) -> float:
    """The number `value`, which must lie in least .. most; UsageError otherwise."""
    if isinstance(value, Real) and math.isfinite(value) and least <= float(value) <= most:
        return float(value)
    reach = f"{least:g} or more" if math.isinf(most) else f"{least:g} to {most:g}"
    raise UsageError(f"{name} is out of range", given=f"{name} = {value!r}", needed=f"{name} of {reach}")


def examples(x: ArrayLike, name: str) -> Array:
    """The examples x as an array: numbers (see `features`), texts or sequences; DataError otherwise.

    Texts and sequences are arrays of Python objects of shape (n,): each item a string that is not empty, or each
    an array of numbers with one dtype and one shape but for its length.
    """
    array = x if isinstance(x, np.ndarray) else _array(x, name)
    if array.dtype.kind == "U":
        array = array.astype(object)
    if array.dtype != object or array.ndim != 1 or len(array) == 0:
        return features(array, name)
    return _sequences(array, name) if isinstance(array[0], np.ndarray) else _texts(array, name)


def kind(x: Array) -> tuple[object, ...]:
    """What two splits of one data set have in common: the sort of example, its dtype and its shape without n."""
    if x.dtype != object:
        return (x.dtype.name, *x.shape[1:])
    return ("texts",) if isinstance(x[0], str) else ("sequences", x[0].dtype.name, *x[0].shape[1:])


def features(x: ArrayLike, name: str) -> Array:
    """The examples x as an array: real, finite, shape (n, ...) with n >= 1; DataError otherwise."""
    array = _array(x, name)
    if array.dtype.kind not in "buif":
        raise DataError(f"{name} holds no real numbers", given=f"dtype {array.dtype}", needed="ints or floats")
    if array.ndim < 2:
        raise DataError(
            f"{name} has no axis of features",
            given=f"shape {array.shape}",
            needed="shape (n, d) or (n, c, h, w)",
            fix=f"for one number per example, {_variable(name)}.reshape(-1, 1)",
        )
    _not_empty(array, name)
    _finite(array, name)
    return array


def targets(y: ArrayLike, name: str) -> Array:
    """Class numbers of shape (n,) (see `labels`), or real targets of shape (n, d), or pictures, finite floats.

    d = 0 stands for examples without anything to predict.
    """
    array = _array(y, name)
    if array.ndim < 2 or array.dtype.kind != "f":
        return labels(array, name)
    if len(array) == 0:
        raise DataError(f"{name} is empty", given=f"shape {array.shape}", needed="at least one example")
    _finite(array, name)
    return array


def labels(y: ArrayLike, name: str) -> Labels:
    """The labels y as int64: class numbers >= 0, shape (n,) with n >= 1; DataError otherwise."""
    array = _array(y, name)
    _not_empty(array, name)
    called = _variable(name)
    if array.ndim != 1:
        raise DataError(
            f"{name} is not one label per example",
            given=f"shape {array.shape}",
            needed="shape (n,)",
            fix=f"{called}.argmax(axis=1) where the rows are one-hot, {called}.ravel() where they hold one label",
        )
    if array.dtype.kind not in "ui":
        raise DataError(
            f"{name} does not hold integers",
            given=f"dtype {array.dtype}",
            needed="class numbers 0 .. k-1 of an integer dtype",
            fix=_numbered(array, called),
        )
    numbers = array.astype(np.int64)
    _within(numbers < 0, array, name, "0 or more")
    return numbers


def _variable(name: str) -> str:
    """The array's name without where it is from: "y in file.npz" is y."""
    return name.split(maxsplit=1)[0]


def _numbered(array: Array, y: str) -> str:
    if array.dtype.kind in "OSU":
        return f"names become numbers by: names, {y} = np.unique({y}, return_inverse=True)"
    return (
        f"{y}.astype(np.int64) where the values are class numbers already, "
        f"{y}.astype(float).reshape(-1, 1) where they are amounts to predict"
    )


def below(y: Labels, n_classes: int, name: str) -> None:
    """DataError where a label is not below the number of classes."""
    _within(y >= n_classes, y, name, f"0 to {n_classes - 1}, for {n_classes} classes")


def same_length(x: Array, y: Array, x_name: str, y_name: str) -> None:
    """DataError unless there is one label per example."""
    if len(x) != len(y):
        raise DataError(
            f"{x_name} and {y_name} differ in length",
            given=f"{len(x)} examples and {len(y)} labels",
            needed="one label per example",
        )


def _texts(array: Array, name: str) -> Array:
    for i, text in enumerate(array):
        if not isinstance(text, str) or not text:
            given = f"{text!r:.60} at index {i}"
            raise DataError(f"{name} holds an item that is no text", given=given, needed="strings that are not empty")
    return array


def _sequences(array: Array, name: str) -> Array:
    dtype, shape = array[0].dtype, array[0].shape[1:]
    for i, item in enumerate(array):
        alike = isinstance(item, np.ndarray) and (item.dtype, item.shape[1:]) == (dtype, shape)
        if not alike or item.ndim == 0 or item.size == 0:
            raise DataError(
                f"{name} holds a sequence of another kind",
                given=f"{_described(item)} at index {i}",
                needed=f"arrays of {dtype} and shape {('t', *shape)} as the first one, t at least 1",
            )
        if dtype.kind not in "buif":
            raise DataError(f"{name} holds no real numbers", given=f"dtype {dtype}", needed="ints or floats")
        _finite(item, f"item {i} of {name}")
    return array


def _described(item: object) -> str:
    return f"{item.dtype} of shape {item.shape}" if isinstance(item, np.ndarray) else type(item).__name__


def _array(values: ArrayLike, name: str) -> Array:
    try:
        return np.asarray(values)
    except ValueError as error:
        raise DataError(f"{name} is not an array", given=str(error), needed="rows of equal length") from None


def _not_empty(array: Array, name: str) -> None:
    if array.size == 0:
        raise DataError(f"{name} is empty", given=f"shape {array.shape}", needed="at least one example")


def _finite(array: Array, name: str) -> None:
    if array.dtype.kind != "f":
        return
    bad = ~np.isfinite(array)
    if bad.any():
        where = tuple(int(i) for i in np.unravel_index(int(bad.argmax()), bad.shape))
        raise DataError(
            f"{name} holds a value that is not a number",
            given=f"{array[where]} at index {where}, the first of {int(bad.sum())}",
            needed="finite numbers",
            fix="drop those examples, or fill the gaps before training",
        )


def _within(bad: NDArray[np.bool_], y: Array, name: str, needed: str) -> None:
    if bad.any():
        index = int(bad.argmax())
        given = f"label {y[index]} at index {index}"
        raise DataError(f"{name} holds a label out of range", given=given, needed=needed)
