"""Stacks of matrices inside other arrays: where a product finds its operands and puts its result.

Transpositions, slices and reshapes that move nothing only say how far it is from element to element. NumPy is asked: a
view of an array that is never read is taken through the same movements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from descend.compiler.graph import Equation, Shape
from descend.compiler.walk import address, view

MOST = 2  # axes of a stack


@dataclass(frozen=True)
class Look:
    """A view of an array of single bytes, whose steps count elements; where the array's first element lies."""

    view: Any
    origin: int

    @property
    def begin(self) -> int:
        """The place in the array of the view's first element."""
        return address(self.view) - self.origin


def whole(shape: Shape) -> Look:
    """All of an array of this shape."""
    array = view(shape)
    return Look(array, address(array))


def shown(equation: Equation, look: Look) -> Look | None:
    """What the equation makes of the array; None where something would have to be moved."""
    match equation.name:
        case "permute":
            return replace(look, view=look.view.transpose(equation.attributes["axes"]))
        case "reshape":
            return _reshaped(look, equation.output.shape)
        case "index":
            key = tuple(slice(*k) if isinstance(k, tuple) else k for k in equation.attributes["key"])
            return replace(look, view=np.asarray(look.view[(*key, ...)] if Ellipsis not in key else look.view[key]))
    return look  # a product with a number: that is the kernel's factor


def hidden(equation: Equation, look: Look) -> Look | None:
    """What was given to the equation, seen inside of what it has made; None where something would have to be moved."""
    match equation.name:
        case "permute":
            return replace(look, view=look.view.transpose(np.argsort(equation.attributes["axes"])))
        case "reshape":
            return _reshaped(look, equation.inputs[0].shape)
    return look


def _reshaped(look: Look, shape: Shape) -> Look | None:
    seen = look.view.view()
    try:
        seen.shape = shape
    except AttributeError:
        return None
    return replace(look, view=seen)


@dataclass(frozen=True)
class Stack:
    """Matrices with rows `length` apart (or columns, where they are stored by those), from `begin` on, by `steps`."""

    by_columns: bool
    length: int
    begin: int
    steps: tuple[int, ...]


@dataclass(frozen=True)
class Stacks:
    """The operands of a product and its result; m, n, k; how many matrices there are along each axis of the stack."""

    sizes: tuple[int, int, int]
    counts: tuple[int, ...]
    a: Stack
    b: Stack
    c: Stack
    swapped: bool  # b^T a^T = c^T is computed


def stacked(a: Look, b: Look, c: Look) -> Stacks | None:
    """The product c = a b as stacks of matrices; None where a kernel cannot read or write them so."""
    if min(x.view.ndim for x in (a, b, c)) < 2 or not c.view.size:
        return None
    swapped = bool(_by_columns(c.view))
    looks = [_turned(x) for x in (b, a, c)] if swapped else [a, b, c]
    if any(_by_columns(x.view) is None for x in looks):
        return None
    rows, columns = looks[2].view.shape[-2:]
    depth = int(looks[0].view.shape[-1])
    stacks = [Stack(bool(_by_columns(x.view)), _length(x.view), x.begin, ()) for x in looks]
    axes = _axes([x.view for x in looks])
    if axes and _taller(axes[-1], rows, stacks):
        count, step, _, to = axes.pop()
        if rows == 1:
            stacks[0], stacks[2] = (replace(s, length=n) for s, n in ((stacks[0], step), (stacks[2], to)))
        rows *= count
    if len(axes) > MOST:
        return None
    counts, *steps = zip(*axes, strict=True) if axes else [()] * 4
    found = [replace(stack, steps=by) for stack, by in zip(stacks, steps, strict=True)]
    return Stacks((rows, columns, depth), counts, found[0], found[1], found[2], swapped)


def _turned(look: Look) -> Look:
    return replace(look, view=look.view.swapaxes(-1, -2))


def _axes(views: Sequence[Any]) -> list[tuple[int, ...]]:
    """The axes of the stack: their lengths, and the steps in a, b and c; those that continue one another are one."""
    batch = views[2].shape[:-2]
    steps = [np.broadcast_to(x, (*batch, *x.shape[-2:])).strides[:-2] for x in views]
    found: list[tuple[int, ...]] = []
    for axis in zip(batch, *steps, strict=True):
        n, *by = axis
        if found and n != 1 and found[-1][1:] == tuple(n * step for step in by):
            found[-1] = (found[-1][0] * n, *by)
        elif n != 1:
            found.append(axis)
    return found


def _taller(axis: Sequence[int], m: int, stacks: Sequence[Stack]) -> bool:
    """Whether the matrices along an axis are one taller matrix, times the same b."""
    _, step, shared, to = axis
    if shared or stacks[0].by_columns:
        return False
    return m == 1 or (step, to) == (m * stacks[0].length, m * stacks[2].length)


def _by_columns(x: Any) -> bool | None:
    """Whether a matrix is stored by columns; None where neither rows nor columns lie in one piece."""
    (rows, columns), (down, right) = x.shape[-2:], x.strides[-2:]
    if right == 1 or columns == 1:
        return False
    return True if down == 1 or rows == 1 else None


def _length(x: Any) -> int:
    return int(x.strides[-1] if _by_columns(x) else x.strides[-2])
