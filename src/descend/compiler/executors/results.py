"""Arrays for results: new ones, or old ones that nobody looks at any more.

A value that was given out is never written again. But after an update the old parameters are usually held by nobody,
and memory that is in use already costs less than new memory, which the system has to clear. Who holds an array is
counted by Python: views of it, and what was made of it in other libraries, count too.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import numpy as np

from descend.compiler.graph import Array, Value

MOST = 3  # arrays kept for one result
_one = [np.empty(1)]
ALONE = sys.getrefcount(_one[0])
"""What Python counts for an array that only a list holds."""


@dataclass
class Pool:
    """The arrays that one result was put into."""

    root: Value
    arrays: list[Array] = field(default_factory=list)

    def take(self) -> Array:
        """A flat array that nobody else holds."""
        for i in range(len(self.arrays)):
            if sys.getrefcount(self.arrays[i]) == ALONE:
                return self.arrays[i]
        array = np.empty(self.root.size, self.root.dtype)
        self.arrays = [*self.arrays[-MOST + 1 :], array]
        return array
