"""A kernel call: which code, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from descend.compiler.graph import Equation, Value


@dataclass(frozen=True)
class Room:
    """An argument: the address of this many bytes that only this call uses, for each thread."""

    size: int


@dataclass(frozen=True)
class Fault:
    """An argument: the address of three zeros, where a kernel tells of an index out of range; see `kernels.gather`."""


Argument = int | Value | Room | Fault


@dataclass(frozen=True)
class Call:
    """A kernel and its arguments: numbers, and values that stand for the addresses of their arrays."""

    symbol: str
    source: str
    arguments: tuple[Argument, ...]


REALS = frozenset({"float32", "float64"})
INDICES = frozenset({"int64", "int32"})
Binding = Callable[[Equation], Call | None]
