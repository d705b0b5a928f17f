"""Guards: what a trace depends on besides its inputs.

A trace bakes in every Python number that it met. So it holds only while these are what they were: the attributes of
each object that the function can reach (`model.training`, `optimizer.betas`, a list of layers), its closure and the
globals that it names. They are written down before tracing and compared before each run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from descend.engine import Cell, Tensor

PLAIN = frozenset({bool, int, float, complex, str, bytes, type(None)})
LARGEST = 1000  # a list longer than that is data, not a setting

Reader = Callable[[], dict[Any, Any]]


@dataclass
class Reach:
    """Everything that a function can reach: the plain values, to be compared, and the cells, to be traced."""

    watched: list[tuple[str, Reader, dict[Any, Any]]] = field(default_factory=list)
    cells: dict[str, Cell] = field(default_factory=dict)

    def change(self) -> str | None:
        """What is no longer as it was, as "model.training: True, now False"; None where all is."""
        for path, read, before in self.watched:
            now = read()
            if len(now) != len(before):
                return f"{path}: other attributes than before"
            for name, old in before.items():
                new = now.get(name, _MISSING)
                if new is not old and not (new.__class__ in PLAIN and new.__class__ is old.__class__ and new == old):
                    return f"{_joined(path, name)}: {_shown(old)}, now {_shown(new)}"
        return None


_MISSING = object()


def reach(function: Callable[..., Any], arguments: dict[str, Any]) -> Reach:
    """What `function`, called with these arguments, can reach."""
    found = Reach()
    seen: set[int] = set()
    pending: list[tuple[str, Any]] = [("", function), *reversed(arguments.items())]
    while pending:
        path, thing = pending.pop()
        if id(thing) in seen or thing.__class__ in PLAIN:
            continue
        seen.add(id(thing))
        if isinstance(thing, Cell):
            found.cells[path] = thing
        read = _reader(thing)
        if read is not None:
            contents = dict(read())
            found.watched.append((path, read, contents))
            pending += [(_joined(path, name), part) for name, part in reversed(contents.items())]
    return found


def _reader(thing: Any) -> Reader | None:
    """How to read what a thing holds; None for what has no settings of its own."""
    if isinstance(thing, (Tensor, np.ndarray, np.generic, ModuleType, type, BuiltinFunctionType)):
        return None
    if isinstance(thing, MethodType):
        return lambda: {"": thing.__self__, "()": thing.__func__}
    if isinstance(thing, FunctionType):
        ours = (thing.__module__ or "").partition(".")[0] == "descend"
        return None if ours and not thing.__closure__ else _captured(thing)
    if isinstance(thing, partial):
        return lambda: {"func": thing.func, "args": thing.args, "keywords": thing.keywords}
    if isinstance(thing, dict):
        return (lambda: thing) if len(thing) <= LARGEST else None
    if isinstance(thing, (list, tuple)):
        return (lambda: dict(enumerate(thing))) if len(thing) <= LARGEST else None
    return (lambda: vars(thing)) if hasattr(thing, "__dict__") else None


def _captured(function: FunctionType) -> Reader:
    names = tuple(sorted(set(_globals_named(function.__code__)) & function.__globals__.keys()))
    free, cells = function.__code__.co_freevars, function.__closure__ or ()

    def read() -> dict[Any, Any]:
        known = function.__globals__
        held = {name: known.get(name) for name in names}
        held |= {name: cell.cell_contents for name, cell in zip(free, cells, strict=True) if _filled(cell)}
        return held | {"defaults": function.__defaults__} if function.__defaults__ else held

    return read


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not _MISSING
    except ValueError:  # a name that is not bound yet
        return False


def _globals_named(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _globals_named(part)


def _joined(path: str, name: Any) -> str:
    return f"{path}.{name}".strip(".")


def _shown(thing: Any) -> str:
    if thing is _MISSING:
        return "gone"
    return repr(thing) if thing.__class__ in PLAIN else f"a {type(thing).__name__}"
