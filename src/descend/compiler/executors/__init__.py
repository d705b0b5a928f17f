"""Executors: each makes a graph into a function from arrays to arrays; `interpret` says what the others compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from descend.compiler.graph import Array, Graph
from descend.engine import UsageError, near_miss
from descend.kernels import jit

Run = Callable[[Sequence[Array]], list[Array]]

NAMES = ("auto", "interpret", "native")


def prepare(graph: Graph, executor: str) -> Run:
    """The graph as something to be run; "auto" is native where llvmlite is installed.

    Raises: UsageError for an executor that there is not.
    """
    if executor not in NAMES:
        raise UsageError(
            f"there is no executor {executor!r}", given=repr(executor), needed=" or ".join(NAMES),
            fix=near_miss(executor, NAMES) or None,
        )  # fmt: skip
    if chosen(executor) == "native":
        from descend.compiler.executors.native import Native

        return Native(graph)
    from descend.compiler.executors.interpret import Interpreted

    return Interpreted(graph)


def chosen(executor: str) -> str:
    """The executor that the name stands for here. Raises: UsageError where kernels are asked for and cannot be made."""
    if executor == "native" and not jit.available():
        raise UsageError(
            "the native executor needs llvmlite", given="llvmlite is not installed", needed="pip install llvmlite",
            fix="install it, or use executor='interpret'",
        )  # fmt: skip
    return executor if executor != "auto" else "native" if jit.available() else "interpret"
