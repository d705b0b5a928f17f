"""What is done to a batch between the data set and the network, and several such things in a row."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from descend.data.checks import Array
from descend.data.draws import Draws
from descend.engine.errors import ShapeError, UsageError

Transform = Callable[[Array, Array], tuple[Array, Array]]
"""From (x, y) to (x, y), both with the batch as their first axis."""

DrawingTransform = Callable[[Array, Array, Draws], tuple[Array, Array]]
"""The same with random numbers."""


class RandomTransform(ABC):
    """A random change of the pictures of a batch, different for each; labels stay.

    x: shape (b, c, h, w). Raises ShapeError for other batches.
    """

    def __call__(self, x: Array, y: Array, draws: Draws) -> tuple[Array, Array]:
        if x.ndim != 4:
            raise ShapeError(
                f"{type(self).__name__} changes pictures", given=f"shape {x.shape}", needed="shape (b, c, h, w)"
            )
        return self.change(x, draws), y

    @abstractmethod
    def change(self, x: Array, draws: Draws) -> Array:
        """The changed pictures, a fresh array."""


class Compose:
    """Transforms one after the other, each with random numbers of its own.

    As in `Compose(RandomCrop(32, padding=4), RandomHorizontalFlip(), on_examples(scale))`.
    """

    def __init__(self, *transforms: Transform | DrawingTransform) -> None:
        # Compositions inside are opened: no two transforms may draw at one site.
        self.transforms: tuple[DrawingTransform, ...] = tuple(
            part for one in transforms for part in (one.transforms if isinstance(one, Compose) else (drawing(one),))
        )

    def __call__(self, x: Array, y: Array, draws: Draws) -> tuple[Array, Array]:
        for site, transform in enumerate(self.transforms):
            x, y = transform(x, y, draws.at(site))
        return x, y


def on_examples(change: Callable[[Array], Array]) -> Transform:
    """The transform (x, y) -> (change(x), y), for a Loader: `on_examples(scale)`."""
    return lambda x, y: (change(x), y)


def drawing(transform: Transform | DrawingTransform) -> DrawingTransform:
    """The transform as a function of (x, y, draws); UsageError where it cannot be called with (x, y)."""
    if _takes(transform, 2):
        return lambda x, y, _: transform(x, y)  # type: ignore[call-arg]  # it takes two, as was just seen
    if _takes(transform, 3):
        return transform  # type: ignore[return-value]  # likewise three
    several = isinstance(transform, list | tuple)
    raise UsageError(
        "the transform does not take a batch",
        given=getattr(transform, "__qualname__", repr(transform)),
        needed="transform(x, y) -> (x, y), or transform(x, y, draws) -> (x, y)",
        fix="several are given without brackets: Compose(a, b)" if several
        else "for a function of x alone, transform=on_examples(function)",
    )  # fmt: skip


def _takes(transform: Callable[..., Any], n: int) -> bool:
    try:
        inspect.signature(transform).bind(*[None] * n)
    except TypeError:
        return False
    except ValueError:
        # Some functions written in C tell nothing about what they take.
        return n == 2
    return True
