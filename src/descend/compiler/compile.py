"""`compile`: a function is traced once for each kind of input, and from then on its graph is run in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import RLock
from types import MethodType
from typing import Any, overload

import numpy as np

from descend.compiler import executors
from descend.compiler.guards import PLAIN, Reach, reach
from descend.compiler.trace import Place, Traced, trace
from descend.engine import Cell, Tensor, TraceError, UsageError, from_numpy
from descend.engine.modes import state
from descend.engine.tensor import box

MOST_TRACES = 8

_one_at_a_time = RLock()
"""Held while a compiled function runs: a graph has one arena, and while it is traced its cells hold no numbers."""

Function = Callable[..., Any]
Accept = Callable[[Any], bool]


@dataclass
class Entry:
    """One trace: what it holds under, the graph, and the graph made ready to run."""

    reach: Reach
    traced: Traced
    run: executors.Run
    held: list[Any]  # objects named in the key: alive, so that no other gets their id
    added_to: frozenset[int]  # the cells, by id, that had a gradient already

    def change(self, gradients: bool) -> str | None:
        """Why this trace does not hold any more; None where it does."""
        if gradients and _graded(self.reach) != self.added_to:
            return "whether there are gradients to add to"
        return self.reach.change()


def _graded(within: Reach) -> frozenset[int]:
    return frozenset(id(cell) for cell in within.cells.values() if cell.grad is not None)


class Compiled:
    """A function that is traced at its first call and replayed from then on.

    Its arguments may be tensors, arrays, Python numbers and other objects, and lists, tuples and dicts of them; arrays
    arrive as tensors. A call with other shapes or types, numbers or objects, in another mode (`no_grad`, `override`),
    or after an attribute of something within reach has changed, is traced anew; more than eight traces for one kind of
    arguments raise, and so do more than eight kinds, since each costs more than it saves. Cells (parameters, averages,
    the learning rate) may change as they like. In `detect_anomaly`, and inside another trace, the function itself is
    called. Where `accept` is given and refuses what the function returned, no cell is changed.

    Raises: TraceError where Python needs the number behind a traced value, or after too many traces; UsageError for
    what is no function.
    Differs: results carry no history, so what is differentiated is differentiated inside. Gradients of parameters are
    left unset unless `gradients=True`. What Python does besides (printing, appending) happens while tracing only.
    """

    __slots__ = ("__weakref__", "accept", "entries", "executor", "function", "gradients", "name")

    def __init__(
        self, function: Function, executor: str = "auto", gradients: bool = False, accept: Accept | None = None
    ) -> None:
        if not callable(function):
            raise UsageError(
                "only functions can be compiled", given=repr(function)[:40], needed="a function",
                fix="write @compile above it, or compile(f)",
            )  # fmt: skip
        self.function, self.executor, self.gradients, self.accept = function, executor, gradients, accept
        self.entries: dict[Any, list[Entry]] = {}
        self.name = getattr(function, "__name__", "")

    def __set_name__(self, _owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, _owner: type | None = None) -> Callable[..., Any]:
        """As a method: from its first use on, each object has a compiled function of its own among its attributes."""
        if instance is None:
            return self
        if not hasattr(instance, "__dict__"):
            return partial(self, instance)
        own = Compiled(MethodType(self.function, instance), self.executor, self.gradients, self.accept)
        return vars(instance).setdefault(self.name, own)  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, of the model that it is a method of say, has traces of its own."""
        return Compiled, (self.function, self.executor, self.gradients, self.accept)

    def __repr__(self) -> str:
        return f"<compiled {self.name or repr(self.function)}, {self.traces} traces>"

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if state.anomaly or state.interpreter is not None:
            return self.function(*arguments, **named)
        with _one_at_a_time:
            return self._run(Call((arguments, named)))

    def _run(self, call: Call) -> Any:
        entry = self.entry(call)
        traced = entry.traced
        arrays = [call.tensors[s].value if isinstance(s, int) else s.value for s in traced.sources]
        outputs = entry.run(arrays)
        returned = _filled(traced.results, outputs)
        if self.accept is None or self.accept(returned):
            _deliver(traced, outputs)
        return returned

    def traced(self, *arguments: Any, **named: Any) -> Traced:
        """The trace that a call with these arguments runs."""
        return self.entry(Call((arguments, named))).traced

    @property
    def traces(self) -> int:
        """How often the function has been traced."""
        return sum(map(len, self.entries.values()))

    def entry(self, call: Call) -> Entry:
        """The trace that holds for a call, made where there is none yet."""
        key = (call.key, state.recording, tuple(state.overrides.items()))
        known = self.entries.setdefault(key, [])
        for entry in known:
            if entry.change(self.gradients) is None:
                return entry
        self._check_count(known, call)
        entry = self._traced(call)
        known.insert(0, entry)
        return entry

    def _check_count(self, known: list[Entry], call: Call) -> None:
        if len(known) < MOST_TRACES and len(self.entries) <= MOST_TRACES:
            return
        changes = [str(entry.change(self.gradients)) for entry in known] or [f"arguments, now {call.shown()}"]
        raise TraceError(
            f"this function was traced {self.traces} times and would have to be traced again",
            given="; ".join(dict.fromkeys(changes)), needed="numbers that stay, or tensors and cells that change",
            fix="keep what changes from call to call in a Cell, or pad arguments to a few shapes",
        )  # fmt: skip

    def _traced(self, call: Call) -> Entry:
        found = reach(self.function, call.objects)
        added_to = _graded(found)
        traced = trace(self.function, call.tensors, call.rebuilt, found.cells, self.gradients)
        run = executors.prepare(traced.graph, self.executor)
        return Entry(found, traced, run, list(call.objects.values()), added_to)


def _deliver(traced: Traced, outputs: list[Any]) -> None:
    """Put the outputs where they belong: into cells and gradients."""
    first = len(outputs) - len(traced.graded)
    for cell, array in zip(traced.written, outputs[first - len(traced.written) : first], strict=True):
        cell.write(box(array, None))
    for tensor, array in zip(traced.graded, outputs[first:], strict=True):
        tensor.grad = box(array, None)


def _filled(results: Any, outputs: list[Any]) -> Any:
    if isinstance(results, Place):
        return box(outputs[results.number], None)
    if isinstance(results, dict):
        return {key: _filled(part, outputs) for key, part in results.items()}
    if isinstance(results, (list, tuple)):
        parts = [_filled(part, outputs) for part in results]
        return type(results)(*parts) if hasattr(results, "_fields") else type(results)(parts)
    return results


class Call:
    """The arguments of one call: its tensors, its other objects, and a key that is equal for calls of one kind."""

    __slots__ = ("arguments", "key", "objects", "tensors")

    def __init__(self, arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
        self.arguments = arguments
        self.tensors: list[Tensor] = []
        self.objects: dict[str, Any] = {}
        self.key = self._key(arguments, "argument")

    def _key(self, thing: Any, path: str) -> Any:
        if isinstance(thing, np.ndarray):
            thing = from_numpy(thing)
        if isinstance(thing, Tensor) and not isinstance(thing, Cell):
            self.tensors.append(thing)
            return thing.shape, thing.dtype, thing.requires_grad
        if isinstance(thing, dict):
            return dict, tuple((name, self._key(part, f"{path}.{name}")) for name, part in thing.items())
        if isinstance(thing, (list, tuple)):
            return type(thing), tuple(self._key(part, f"{path}.{i}") for i, part in enumerate(thing))
        if thing.__class__ in PLAIN:
            return thing.__class__, thing
        self.objects[path] = thing
        return id(thing)

    def rebuilt(self, tensors: list[Tensor]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with these tensors in place of the call's own."""
        left = iter(tensors)
        return _replaced(self.arguments, left)  # type: ignore[no-any-return]

    def shown(self) -> str:
        """The kinds of the tensors, for a message."""
        return ", ".join(f"{x.dtype}{x.shape}" for x in self.tensors) or "no tensors"


def _replaced(thing: Any, tensors: Any) -> Any:
    if isinstance(thing, np.ndarray) or (isinstance(thing, Tensor) and not isinstance(thing, Cell)):
        return next(tensors)
    if isinstance(thing, dict):
        return {name: _replaced(part, tensors) for name, part in thing.items()}
    if isinstance(thing, (list, tuple)):
        parts = [_replaced(part, tensors) for part in thing]
        return type(thing)(*parts) if hasattr(thing, "_fields") else type(thing)(parts)
    return thing


@overload
def compile(function: Function, *, executor: str = ..., gradients: bool = ...) -> Compiled: ...
@overload
def compile(*, executor: str = ..., gradients: bool = ...) -> Callable[[Function], Compiled]: ...
def compile(function: Function | None = None, *, executor: str = "auto", gradients: bool = False) -> Any:
    """`function`, traced at its first call and replayed from then on. See `Compiled`.

    Compile a whole training step: forward, `backward()`, `optimizer.step()`, `schedule.step()`. A method of a class is
    compiled for each object.

    Args:
        executor: "interpret" (NumPy, eager's numbers bit for bit), "native" (machine code), or "auto", native where it
            can be had.
        gradients: also leave the parameters' gradients in their `grad`.
    """
    if function is None:
        return lambda given: Compiled(given, executor, gradients)
    return Compiled(function, executor, gradients)
