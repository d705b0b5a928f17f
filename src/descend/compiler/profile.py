"""Where the time of a native graph goes: every kernel, and everything that NumPy evaluates, timed by itself."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

from descend.compiler.cost import Cost, cost
from descend.compiler.executors.native import SIGNATURE, Evaluated, Joined, Native, Stretch
from descend.compiler.graph import Array, Equation
from descend.compiler.roofline import best

REPEATS = 9


@dataclass(frozen=True)
class Row:
    """One equation: by what it is computed ("kernel" or "NumPy"), in how many seconds, at what cost."""

    equation: Equation
    by: str
    seconds: float
    cost: Cost


def profiled(native: Native, arrays: Sequence[Array]) -> list[Row]:
    """A row for each equation that takes time, in the order of execution. Results are those of an ordinary run."""
    known = native.begin(arrays)
    rows: list[Row] = []
    for step in native.steps:
        if isinstance(step, Stretch):
            rows += [
                _kernel(equation, *call, native) for equation, call in zip(step.equations, step.calls, strict=True)
            ]
        elif isinstance(step, Evaluated):
            seconds = best(lambda step=step: native.evaluate(step, known), REPEATS)  # type: ignore[misc]
            rows.append(Row(step.equation, "NumPy", seconds, cost(step.equation)))
        elif isinstance(step, Joined):
            native.join(step, known)
    return rows


def _kernel(equation: Equation, address: int, start: int, native: Native) -> Row:
    """The kernel run several times, the last time on what it was given: it may have written over that."""
    kernel, arguments = SIGNATURE(address), native.table.ctypes.data + 8 * start
    given = ctypes.c_void_p(arguments)
    before = [(array, array.copy()) for array in native.overwritten(equation)]
    seconds = best(lambda: kernel(given, 0, 1), REPEATS)
    for array, kept in before:
        array[...] = kept
    kernel(given, 0, 1)
    return Row(equation, "kernel", seconds, cost(equation))
