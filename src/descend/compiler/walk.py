"""Slices, their adjoint and transpositions as walks: how far it is from element to element along each axis.

NumPy itself is asked: a view of an array that is never read tells where its elements lie.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.compiler.graph import Equation, Shape


@dataclass(frozen=True)
class Walk:
    """Lengths of the axes; the steps in what is read and in what is written; where both begin. All in elements."""

    lengths: tuple[int, ...]
    read: tuple[int, ...]
    written: tuple[int, ...]
    begin: int = 0
    at: int = 0

    @property
    def unit(self) -> bool:
        """Whether neighbours are read and written one after the other."""
        return bool(self.lengths) and self.read[-1] == self.written[-1] == 1

    def apart(self, size: int) -> bool:
        """Whether each turn of the first axis writes into a part of its own of a result of this size."""
        if not self.lengths or min(self.written) < 0 or self.lengths[0] * self.written[0] != size:
            return False
        inside = zip(self.lengths[1:], self.written[1:], strict=True)
        return self.at + sum((n - 1) * step for n, step in inside) < self.written[0]


def walk(equation: Equation) -> Walk:
    """The walk of "index" and "index_add" without index arrays, of "permute" and of "pad"."""
    into = equation.name in {"index_add", "pad"}
    whole = view(equation.output.shape if into else equation.inputs[0].shape)
    if equation.name == "permute":
        part = whole.transpose(equation.attributes["axes"])
    elif equation.name == "pad":
        widths = zip(equation.attributes["widths"], whole.shape, strict=True)
        part = whole[(*(slice(before, n - after) for (before, after), n in widths), ...)]
    else:
        key = tuple(slice(*k) if isinstance(k, tuple) else k for k in equation.attributes["key"])
        part = np.asarray(whole[(*key, ...)] if Ellipsis not in key else whole[key])
    start = address(part) - address(whole)
    inside, outside = part.strides, _steps(part.shape)
    if into:
        return _merged(Walk(part.shape, outside, inside, 0, start))
    return _merged(Walk(part.shape, inside, outside, start, 0))


def view(shape: Shape) -> Any:
    """An array of single bytes, so that its steps count elements. It must not be read."""
    return np.lib.stride_tricks.as_strided(np.zeros(1, np.int8), shape, _steps(shape), writeable=False)


def address(array: Any) -> int:
    """Where its first element lies."""
    return int(array.__array_interface__["data"][0])


def _steps(shape: Shape) -> tuple[int, ...]:
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def _merged(long: Walk) -> Walk:
    """Axes that are one after the other in both arrays as one axis; axes of length 1 are left out."""
    axes: list[tuple[int, int, int]] = []
    for n, read, written in zip(long.lengths, long.read, long.written, strict=True):
        if n == 1:
            continue
        if axes and axes[-1][1:] == (n * read, n * written):
            axes[-1] = (axes[-1][0] * n, read, written)
        else:
            axes.append((n, read, written))
    lengths, read_, written_ = zip(*axes, strict=True) if axes else ((), (), ())
    return Walk(lengths, read_, written_, long.begin, long.at)
