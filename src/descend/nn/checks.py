"""Checks of the settings that layers are built with, and of the images they are given."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

from descend.engine import ShapeError, UsageError


def counts(layer: str, **settings: Any) -> None:
    """Every setting is a whole number of at least 1. Raises: UsageError naming the layer and the setting."""
    for name, number in settings.items():
        if not _whole(number, 1):
            raise UsageError(
                f"{layer} needs a whole number for {name}", given=f"{name}={number!r}", needed="1, 2, 3, ...",
                fix="divide with // instead of /, or use int(...)" if isinstance(number, float) else None,
            )  # fmt: skip


def pair(layer: str, name: str, size: Any, least: int = 1) -> tuple[int, int]:
    """The number 3 as (3, 3). Raises: UsageError for anything but one or two whole numbers from `least` up."""
    both = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(both) == 2 and all(_whole(n, least) for n in both):
        return int(both[0]), int(both[1])
    raise UsageError(
        f"{layer} needs one or two whole numbers for {name}", given=f"{name}={size!r}",
        needed=f"numbers from {least} up, like 3 or (3, 5)",
        fix="padding=kernel_size // 2 keeps the size (odd kernels, stride 1)" if isinstance(size, str) else None,
    )  # fmt: skip


def between(layer: str, name: str, number: Any, low: float, high: float) -> float:
    """The number, unless it is outside [low, high]. Raises: UsageError."""
    if isinstance(number, Real) and low <= float(number) <= high:
        return float(number)
    raise UsageError(
        f"{layer} needs another {name}", given=f"{name}={number!r}", needed=f"{low:g} <= {name} <= {high:g}"
    )


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
        else "BatchNorm1d takes features (n, c), BatchNorm2d images (n, c, h, w)",
    )  # fmt: skip


def _whole(number: Any, least: int) -> bool:
    return not isinstance(number, bool) and isinstance(number, Integral) and int(number) >= least
