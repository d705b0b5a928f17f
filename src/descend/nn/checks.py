"""Checks of the settings that layers are built with, and of the images they are given."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

from descend.engine import ShapeError, UsageError, near_miss


def counts(layer: str, **settings: Any) -> None:
    """Every setting is a whole number of at least 1. Raises: UsageError naming the layer and the setting."""
    for name, number in settings.items():
        if not _whole(number, 1):
            raise UsageError(
                f"{layer} needs a whole number for {name}", given=f"{name}={number!r}", needed="1, 2, 3, ...",
                fix="divide with // instead of /, or use int(...)" if isinstance(number, float) else None,
            )  # fmt: skip


_NUMBERS = {1: "one whole number", 2: "one or two whole numbers", 3: "one or three whole numbers"}
_LIKE = {1: "like 3", 2: "like 3 or (3, 5)", 3: "like 3 or (3, 5, 5)"}


def sizes(layer: str, name: str, size: Any, d: int, least: int = 1) -> tuple[int, ...]:
    """The number 3 as (3, 3) for d = 2 axes. Raises: UsageError unless one or d whole numbers from `least` up."""
    each = tuple(size) if isinstance(size, (tuple, list)) else (size,) * d
    if len(each) == d and all(_whole(n, least) for n in each):
        return tuple(int(n) for n in each)
    raise UsageError(
        f"{layer} needs {_NUMBERS[d]} for {name}", given=f"{name}={size!r}",
        needed=f"numbers from {least} up, {_LIKE[d]}",
        fix='of words, convolutions know padding="same" and "valid"' if isinstance(size, str) else None,
    )  # fmt: skip


def lengths(layer: str, name: str, shape: Any) -> tuple[int, ...]:
    """The number 3 as (3,), a sequence of lengths as a tuple. Raises: UsageError."""
    found = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if found and all(_whole(n, 1) for n in found):
        return tuple(int(n) for n in found)
    raise UsageError(
        f"{layer} needs lengths for {name}", given=f"{name}={shape!r}", needed="whole numbers from 1 up, like (2, 3)"
    )


def between(layer: str, name: str, number: Any, low: float, high: float) -> float:
    """The number, unless it is outside [low, high]. Raises: UsageError."""
    if isinstance(number, Real) and low <= float(number) <= high:
        return float(number)
    raise UsageError(
        f"{layer} needs another {name}", given=f"{name}={number!r}",
        needed=f"{low:g} <= {name}" + ("" if high == math.inf else f" <= {high:g}"),
    )  # fmt: skip


def number(layer: str, name: str, value: Any) -> float:
    """The number, if it is one and finite. Raises: UsageError."""
    if _real(value) and math.isfinite(float(value)):
        return float(value)
    raise UsageError(f"{layer} needs a number for {name}", given=f"{name}={value!r}", needed="a finite number")


def positive(layer: str, name: str, value: Any) -> float:
    """The number, if it is finite and larger than 0. Raises: UsageError."""
    if _real(value) and 0 < float(value) < math.inf:
        return float(value)
    raise UsageError(f"{layer} needs another {name}", given=f"{name}={value!r}", needed=f"{name} > 0")


def one_of(layer: str, name: str, word: Any, words: tuple[str, ...]) -> str:
    """The word, if it is one of these. Raises: UsageError."""
    if isinstance(word, str) and word in words:
        return word
    raise UsageError(
        f"{layer} knows no such {name}", given=f"{name}={word!r}", needed=" or ".join(map(repr, words)),
        fix=near_miss(word, words) or None if isinstance(word, str) else None,
    )  # fmt: skip


def probability(layer: str, name: str, p: Any) -> float:
    """The number p, unless it is outside [0, 1). Raises: UsageError."""
    if isinstance(p, Real) and 0 <= float(p) < 1:
        return float(p)
    raise UsageError(
        f"{layer} needs a probability for {name}", given=f"{name}={p!r}", needed=f"0 <= {name} < 1",
        fix=f"for 20 % write {name}=0.2",
    )  # fmt: skip


def channels(layer: str, shape: tuple[int, ...], n: int, axes: tuple[str, ...]) -> None:
    """The input has these axes, and n channels on the one named "c". Raises: ShapeError."""
    fits = len(shape) == len(axes)
    if fits and shape[1] == n:
        return
    raise ShapeError(
        "the input does not fit the layer", given=str(shape),
        needed="(" + ", ".join(str(n) if axis == "c" else axis for axis in axes) + ")",
        fix=f"build it for this input: {layer}({shape[1]})" if fits
        else f"{layer[:-2]}1d takes features (n, c), {layer[:-2]}2d images (n, c, h, w)",
    )  # fmt: skip


def _real(value: Any) -> bool:
    return value.__class__ is not bool and isinstance(value, Real)


def _whole(number: Any, least: int) -> bool:
    return not isinstance(number, bool) and isinstance(number, Integral) and int(number) >= least
