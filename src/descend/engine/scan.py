"""A loop that carries a state along a sequence: the meaning of every recurrent network.

It is a Python loop over operations, so its gradient is that of the operations, to any order. A trace unrolls it: each
step becomes nodes of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

from descend.engine import ops, tree
from descend.engine.errors import ShapeError, UsageError
from descend.engine.tensor import Tensor, as_tensor

Step = Callable[[Any, Any], tuple[Any, Any]]


def scan(f: Step, init: Any, xs: Any, *, reverse: bool = False, length: int | None = None) -> tuple[Any, Any]:
    """Carry a state through a sequence: (state, y[i]) = f(state, xs[i]) for each i. Returns: (last state, ys).

    Args:
        init: the first state: a tensor, or a list, tuple or dict of tensors; f keeps its structure and shapes.
        xs: tensors whose first axis is the sequence, nested as you like; None for a loop without inputs.
        reverse: begin at the end. ys[i] still belongs to xs[i].
        length: how many steps; needed only where there are no xs.

    Shapes: each of ys is what f returned, stacked along a new first axis. f may return None for y; after no steps at
    all there are no ys either, but None.
    Raises: ShapeError, UsageError. Memory: what a gradient needs of every step is kept.
    """
    inputs, rebuild = tree.flatten(xs)
    sequences = [as_tensor(x) for x in inputs if x is not None]
    leaves, whole = tree.flatten(init)
    state, found = whole([as_tensor(x) for x in leaves]), []
    places = range(_steps(sequences, length))
    for i in reversed(places) if reverse else places:
        x = rebuild([s[i] for s in sequences]) if sequences else None
        before, (state, y) = state, _taken(f(state, x))
        _check_state(before, state, i)
        found.append(y)
    return state, _stacked(found[::-1] if reverse else found)


def _steps(sequences: list[Tensor], length: int | None) -> int:
    if length is not None:
        _check_length(length)
    lengths = {len(x) for x in sequences} | ({length} if length is not None else set())
    if len(lengths) != 1:
        raise ShapeError(
            "a scan goes through sequences of one length", given=f"lengths {sorted(lengths)}" if lengths else "no xs",
            needed="one length, or length=n", fix="the first axis of all xs is the sequence",
        )  # fmt: skip
    return lengths.pop()


def _check_length(length: Any) -> None:
    if not isinstance(length, Integral) or length < 0:
        raise UsageError(
            "a scan makes a number of steps", given=f"length={length!r}", needed="a whole number from 0 on",
            fix="leave it out where there are xs: their first axis says it",
        )  # fmt: skip


def _taken(result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise UsageError(
            "a step of a scan returns the new state and what it puts out", given=type(result).__name__,
            needed="(state, y)", fix="return state, None where nothing is put out",
        )  # fmt: skip
    return result


def _check_state(before: Any, after: Any, i: int) -> None:
    old, new = ([as_tensor(x) for x in tree.flatten(state)[0]] for state in (before, after))
    if [x.shape for x in old] != [x.shape for x in new]:
        raise ShapeError(
            f"step {i} of a scan changed the shape of its state", given=", ".join(str(x.shape) for x in new),
            needed=", ".join(str(x.shape) for x in old), fix="the new state replaces the old one: keep its shapes",
        )  # fmt: skip


def _stacked(found: list[Any]) -> Any:
    """One structure of sequences made of a sequence of structures."""
    if not found or found[0] is None:
        return None
    rows = [tree.flatten(y)[0] for y in found]
    return tree.flatten(found[0])[1]([ops.stack(list(parts)) for parts in zip(*rows, strict=True)])
