"""Checks of the settings that layers are built with."""

from __future__ import annotations

from descend.engine import ShapeError, UsageError


def counts(layer: str, **settings: int) -> None:
    """Every setting is a whole number of at least 1. Raises: UsageError naming the layer and the setting."""
    for name, number in settings.items():
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise UsageError(f"{layer} needs a whole number for {name}", given=f"{name}={number!r}", needed="1, 2, 3, ...")


def pair(layer: str, name: str, size: int | tuple[int, int], least: int = 1) -> tuple[int, int]:
    """3 as (3, 3). Raises: UsageError for anything but one or two whole numbers of at least `least`."""
    both = (size, size) if isinstance(size, int) else size
    if isinstance(both, tuple) and len(both) == 2 and all(isinstance(n, int) and n >= least for n in both):
        return both
    raise UsageError(
        f"{layer} needs one or two whole numbers for {name}", given=f"{name}={size!r}", needed=f"numbers from {least} up, like 3 or (3, 5)"
    )


def probability(layer: str, name: str, p: float) -> float:
    """p unless it is outside [0, 1). Raises: UsageError."""
    if isinstance(p, (int, float)) and 0 <= p < 1:
        return float(p)
    raise UsageError(f"{layer} needs a probability for {name}", given=f"{name}={p!r}", needed="0 <= p < 1")


def channels(layer: str, shape: tuple[int, ...], n: int, ndims: tuple[int, ...]) -> None:
    """The input has one of these numbers of axes, and n channels on axis 1. Raises: ShapeError."""
    if len(shape) not in ndims or shape[1] != n:
        needed = " or ".join("(" + ", ".join(["n", str(n), "h", "w"][:ndim]) + ")" for ndim in ndims)
        raise ShapeError(f"the input does not fit {layer}", given=str(shape), needed=needed)
