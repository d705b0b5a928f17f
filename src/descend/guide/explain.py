"""What can go wrong in any exercise before its mathematics is looked at, each with its diagnosis."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Any

from descend.guide.diagnosis import Diagnosis
from descend.guide.imports import ImportRefused
from descend.guide.limits import ProcessRefused

_LONGEST = 60  # characters of a value
_LINE = 200  # characters of a line of a report
# These speak through the diagnosis; their names would tell the learner nothing.
_OWN = (ImportRefused, ProcessRefused)
_MOST = 6  # numbers of an array

REACHED_OUT = (
    "Your code reached beyond its own process: it tried to start or to stop another one, or to call C code. "
    "No exercise needs that."
)


def failure(error: BaseException, filename: str, when: str) -> Diagnosis:
    """The diagnosis for an exception in the learner's code, with the lines of their file that led to it."""
    lines = own_lines(error, filename)
    evidence = f"{lines}\n{when}"
    kinds: tuple[tuple[type[BaseException], str, str], ...] = (
        (MemoryError, "memory", "Your code asked for more memory than there is for a check."),
        (SystemExit, "exited", "Your code ended the program (`exit`) instead of returning an answer."),
        (ProcessRefused, "processes", REACHED_OUT),
        (ImportRefused, "import_refused", str(error)),
        (RecursionError, "recursion", "A function calls itself without end: no call reaches a `return`."),
        (EOFError, "input", "Your code waits for something to be typed; a check has nobody to type it."),
    )
    for kind, name, message in kinds:
        if isinstance(error, kind):
            return Diagnosis(name, message, evidence)
    return Diagnosis("raised", f"Your code stopped with {type(error).__name__}.", evidence)


def own_lines(error: BaseException, filename: str) -> str:
    """The traceback, of the learner's file only, and the exception."""
    told = traceback.TracebackException(type(error), error, error.__traceback__, max_group_depth=1)
    told.stack = traceback.StackSummary.from_list([f for f in told.stack if f.filename == filename])
    told.__cause__ = told.__context__ = None
    return _cut(told.stack.format() if isinstance(error, _OWN) else told.format())


def not_python(error: Exception, filename: str) -> Diagnosis:
    """The diagnosis for a file that cannot be compiled: the line, with a caret under the place."""
    told = _cut(traceback.format_exception_only(error))
    line = getattr(error, "lineno", None)
    where = f" Look at line {line}, or at the end of the line above it." if line else ""
    message = f"Python cannot read {filename}: its grammar is broken, so nothing has run yet.{where}"
    return Diagnosis("syntax", message, told)


def not_started(function: str) -> Diagnosis:
    """The diagnosis for the three dots of a skeleton."""
    return Diagnosis(
        "not_started",
        f"`{function}` still returns `...`, the place for your answer. Put your formula there.",
        f"{function} returned `...`",
    )


def no_return(function: str) -> Diagnosis:
    """The diagnosis for a function without `return`."""
    return Diagnosis(
        "no_return",
        f"`{function}` ends without handing anything back: what it computed is lost. It needs a `return`.",
        f"{function} returned None",
    )


def shown(value: Any) -> str:
    """A value in one short line: a small array with its numbers, a larger one by its type and shape."""
    if getattr(value, "size", 1) > _MOST:
        return f"{value.dtype} array of shape {value.shape}"
    if getattr(value, "shape", None) == ():
        value = value.item()
    if isinstance(value, float):
        return f"{value:.6g}"
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _cut(lines: Iterable[str]) -> str:
    """The lines of a report without the words above a traceback, none too long for a terminal."""
    told = [line for line in "".join(lines).strip().splitlines() if not line.startswith("Traceback")]
    return "\n".join(line[:_LINE] for line in told).strip()
