"""Arrays for results: new ones, or old ones that nobody looks at any more.

A value that was given out is never written again. But after an update the old parameters are usually held by nobody,
and memory that is in use already costs less than new memory, which the system has to clear. Who holds an array is
counted by Python: views of it, and what was made of it in other libraries, count too.

What is given out are views, made once for each array. When they come back as the inputs of the next step, their
addresses are known: asking NumPy for those of all parameters would take as long as a step of a small network.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from itertools import accumulate
from operator import is_

import numpy as np

from descend.compiler.graph import Array, Value

MOST = 3  # arrays kept for one result


@dataclass(eq=False)
class Lent:
    """An array, where it lies, and the views of it that are given out.

    Attributes:
        dense: whether these follow one another without gaps.
    """

    array: Array
    address: int
    views: list[Array]
    dense: bool

    def is_free(self) -> bool:
        """Whether nobody else holds the array or a view of it."""
        holders = self._holders()
        return holders[0] == ALONE[0] + len(self.views) and holders[1] <= ALONE[1]

    def _holders(self) -> tuple[int, int]:
        """How many hold the array, and the most for a view, by Python's count."""
        return sys.getrefcount(self.array), max(map(sys.getrefcount, self.views), default=0)


ALONE = Lent(np.empty(1), 0, [np.empty(1)], True)._holders()
"""Of an array and a view that nobody else holds."""


@dataclass(frozen=True)
class Spot:
    """Which view of an array it is, and where it begins."""

    lent: Lent
    number: int
    address: int


Spots = dict[int, Spot]
"""By the id of a view that is kept here, so that no other object can have this id."""


@dataclass
class Pool:
    """The arrays that one result was put into. `parts` are the values in it that are given out: start and value."""

    root: Value
    parts: list[tuple[int, Value]]
    spots: Spots
    all: list[Lent] = field(default_factory=list)
    lent: Lent = field(init=False)
    """The one of this run."""

    def take(self) -> Lent:
        """A flat array that nobody else holds, with its views."""
        for lent in self.all:
            if lent.is_free():
                break
        else:
            lent = self._new()
        self.lent = lent
        return lent

    def clear(self) -> None:
        """Keep nothing: whoever holds a result holds its memory, and nobody else."""
        self.all.clear()
        self.spots.clear()
        del self.lent

    def _new(self) -> Lent:
        array = np.empty(self.root.size, self.root.dtype)
        views = [array[start : start + x.size].reshape(x.shape) for start, x in self.parts]
        ends = accumulate((x.size for _, x in self.parts), initial=0)
        dense = all(start == end for (start, _), end in zip(self.parts, ends, strict=False))
        lent = Lent(array, array.ctypes.data, views, dense)
        if len(self.all) == MOST:
            for view in self.all.pop(0).views:
                del self.spots[id(view)]
        self.all.append(lent)
        self.spots |= {id(view): Spot(lent, i, view.ctypes.data) for i, view in enumerate(views)}
        return lent


def vector(parts: list[Array], spots: Spots) -> tuple[Array, int]:
    """The parts as one vector, and its address: the array in which they lie side by side, or a new one."""
    first = spots.get(id(parts[0]))
    if first is None or not first.lent.dense:
        return _joined(parts)
    views = first.lent.views[first.number : first.number + len(parts)]
    if len(views) < len(parts) or not all(map(is_, parts, views)):
        return _joined(parts)
    start = (first.address - first.lent.address) // views[0].itemsize
    return first.lent.array[start : start + sum(part.size for part in parts)], first.address


def _joined(parts: list[Array]) -> tuple[Array, int]:
    """As `vector`, of parts that were made elsewhere: by another graph, mostly, or an optimiser."""
    base = parts[0].base
    if isinstance(base, np.ndarray) and base.dtype == parts[0].dtype and all(part.base is base for part in parts):
        starts = [part.ctypes.data for part in parts]
        if base.flags.c_contiguous and all(a + p.nbytes == b for a, p, b in zip(starts, parts, starts[1:])):
            first = (starts[0] - base.ctypes.data) // base.itemsize
            return base.reshape(-1)[first : first + sum(part.size for part in parts)], starts[0]
    joined = np.concatenate([part.reshape(-1) for part in parts])
    return joined, joined.ctypes.data
