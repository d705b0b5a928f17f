"""Examples that are not rows of one array: texts, and sequences of different lengths."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike

from descend.data import checks
from descend.data.checks import Array


def sequences(items: Iterable[ArrayLike]) -> Array:
    """Arrays of different lengths as the x of a split: an array of dtype object, shape (n,).

    Raises DataError for what is no array of numbers.
    """
    held = [np.asarray(item) for item in items]
    array = np.empty(len(held), object)
    # One by one: arrays that happen to be equally long would be stacked.
    for i, item in enumerate(held):
        array[i] = read_only(item)
    return checks.examples(array, "the sequences")


def each(change: Callable[[Array], ArrayLike]) -> Callable[[Array], Array]:
    """The function that changes every sequence by itself: `split.map(each(f))`, or `on_examples(each(f))`."""
    return lambda x: sequences(change(item) for item in x)


def described(x: Array) -> str:
    """The examples in a few words: "uint8 (50000, 3, 32, 32)", "texts of 1 to 271 characters"."""
    if x.dtype != object:
        return f"{x.dtype} {x.shape}"
    lengths = [len(item) for item in x]
    reach = f"{min(lengths):,} to {max(lengths):,}" if min(lengths) < max(lengths) else f"{lengths[0]:,}"
    if isinstance(x[0], str):
        return f"texts of {reach} characters"
    return f"sequences of {reach} times {x[0].shape[1:] or x[0].dtype}"


def read_only(array: Array) -> Array:
    """The same array, through which nothing can be written."""
    view = array.view()
    view.flags.writeable = False
    return view
