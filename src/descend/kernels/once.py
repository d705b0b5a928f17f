"""A kernel's text is written once for each description of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from descend.kernels import bounds

MOST = 128  # texts of one kind that are remembered; the longest have some 150,000 letters

P = ParamSpec("P")


def once(write: Callable[P, str]) -> Callable[P, str]:
    """`write`, which remembers what it gave for these arguments; what it gave in the debug mode is another text.

    Arguments that are equal must give the same text: those of a loop do not, where 0.0 stands for -0.0.
    """
    known: dict[Any, str] = {}

    @wraps(write)
    def written(*arguments: P.args, **named: P.kwargs) -> str:
        key = bounds.mode(), arguments, tuple(named.items())
        if key not in known:
            if len(known) == MOST:
                known.clear()
            known[key] = write(*arguments, **named)
        return known[key]

    return written
