"""Eager evaluation by kernels, one primitive at a time: a program of one equation for each kind of arrays.

`engine.faster` asks here for the primitives that NumPy is slow at. Whether there is a program is a function of shapes,
types and attributes, and a kernel's result does not depend on the number of threads: the same bits at every run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from threading import Lock
from typing import Any

from descend.compiler.binding import call_of
from descend.compiler.executors.native import Native
from descend.compiler.graph import Array, Equation, Graph, Shape, Value
from descend.compiler.kinds import Dtype, kind_of
from descend.engine import DescendError, Primitive
from descend.kernels import jit

MOST = 256  # programs kept: those of a network of a hundred layers

Kinds = tuple[tuple[Shape, Dtype], ...]


class Program:
    """One equation made ready to run. Its memory is its own, so one thread of Python runs it at a time."""

    def __init__(self, equation: Equation) -> None:
        self.native = Native(Graph(equation.inputs, (equation,), equation.outputs))
        self.lock = Lock()

    def __call__(self, *arrays: Array) -> Array:
        """The result for these arrays, in a new one."""
        with self.lock:
            (result,) = self.native(arrays)
            for pool in self.native.results.values():
                pool.clear()
        return result


def faster(
    primitive: Primitive, arrays: tuple[Array, ...], attributes: Mapping[str, Any]
) -> Callable[..., Array] | None:
    """The program that evaluates the primitive on such arrays; None where there is no kernel for them."""
    kinds, given = tuple([(x.shape, x.dtype) for x in arrays]), tuple(attributes.items())
    try:
        hash(given)
    except TypeError:  # lists where tuples were expected: NumPy takes them
        return None
    return _program(primitive, kinds, given)


@lru_cache(MOST)
def _program(primitive: Primitive, kinds: Kinds, attributes: tuple[tuple[str, Any], ...]) -> Program | None:
    inputs, named = tuple([Value(*kind) for kind in kinds]), dict(attributes)
    try:
        result = kind_of(primitive, inputs, named)
    except DescendError:
        return None  # NumPy's evaluation says what does not fit
    equation = Equation(primitive, inputs, (result,), named)
    return Program(equation) if jit.available() and call_of(equation) is not None else None
