"""What the checks of several exercises need: arrays of every kind, equality up to rounding, numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

# Primes, so that no axis can be taken for another; then a single number, size one, and nothing at all.
SHAPES: tuple[tuple[int, ...], ...] = (
    *((7,), (2, 3), (5, 1, 3), (2, 3, 5, 7)),
    *((), (1,), (1, 1)),
    *((0,), (3, 0, 2)),
)
DTYPES: tuple[type[np.floating[Any]], ...] = (np.float64, np.float32)
_VIEWS: tuple[Callable[[Array], Array], ...] = (
    lambda x: x,
    lambda x: x.T,
    lambda x: x[..., ::-1] if x.ndim else x,
    lambda x: np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x,
)


@dataclass(frozen=True)
class Suspect:
    """A formula that is often written in place of the right one, its diagnosis and the message."""

    name: str
    formula: Callable[..., Array]
    message: str


def arrays(rng: np.random.Generator, n: int) -> Iterator[tuple[Array, ...]]:
    """Tuples of n random arrays, alike in shape and type.

    Every one of SHAPES, in float64 and float32, contiguous, transposed, reversed and with gaps.
    """
    for shape in SHAPES:
        for dtype in DTYPES:
            for view in _VIEWS:
                yield tuple(view(np.asarray(3 * rng.standard_normal(shape), dtype)) for _ in range(n))


def is_array(answer: Any) -> bool:
    """Whether an answer is an array of numbers, or a single number as NumPy returns it."""
    plain = isinstance(answer, (np.ndarray, np.generic, float, int))
    return plain and np.asarray(answer).dtype.kind in "fciub"


def close(given: Any, needed: Array, scale: Array) -> NDArray[np.bool_]:
    """Where `given` is `needed` up to rounding: 8 units in the last place of numbers as large as `scale`.

    The coarser of the two types decides: whether the type itself is right is another question.
    """
    given = np.asarray(given)
    coarse = given.dtype if given.dtype.kind in "fc" else needed.dtype
    unit = max(np.finfo(needed.dtype).eps, np.finfo(coarse).eps)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.abs(given - needed) <= 8 * unit * np.abs(scale))


def furthest(given: Any, needed: Array) -> tuple[np.intp, ...]:
    """The index at which two arrays differ most."""
    return np.unravel_index(np.argmax(np.abs(given - needed)), needed.shape)


def number(x: Any, other: Any = None) -> str:
    """A number in few digits, but in enough to tell it from `other`."""
    digits = next((d for d in range(4, 17) if other is None or f"{x:.{d}g}" != f"{other:.{d}g}"), 17)
    return f"{x:.{digits}g}"
