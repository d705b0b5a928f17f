"""The learner's file as Python: compiled, its imports looked at, run, and its function taken out."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Callable
from difflib import get_close_matches
from types import ModuleType
from typing import Any

from descend.guide import explain, limits
from descend.guide.diagnosis import Diagnosis
from descend.guide.imports import foreign, refusal
from descend.guide.interface import Interface

Function = Callable[..., Any]


class Refused(Exception):  # noqa: N818 - it is an answer, no error of ours
    """The learner's code cannot be right, whatever it would compute next."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        super().__init__(diagnosis.message)
        self.diagnosis = diagnosis


def define(source: str, filename: str, interface: Interface) -> Function:
    """Run a learner's file and return the function that the exercise asks for.

    Raises:
        Refused: the file is no Python, imports what it may not, fails while it runs, or lacks the function.
    """
    tree = _parse(source, filename)
    for line, name in foreign(tree, interface.imports):
        evidence = f"{filename}, line {line}: {_line(source, line)}"
        raise Refused(Diagnosis("import_refused", refusal(name), evidence))
    module = _run(tree, source, filename)
    return _fitting(_found(module, interface), interface)


class Attempt:
    """The learner's function as the check calls it: an exception in it, or no answer, is a diagnosis."""

    def __init__(self, function: Function, filename: str, interface: Interface) -> None:
        self.function, self.filename, self.interface = function, filename, interface
        self.calls = 0

    def __call__(self, *values: Any) -> Any:
        """The learner's answer. Raises Refused where there is none."""
        self.calls += 1
        try:
            answer = self.function(*values)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a check outlives whatever the learner wrote
            raise Refused(self._explained(error, values)) from None
        if answer is Ellipsis:
            raise Refused(explain.not_started(self.interface.function))
        if answer is None:
            raise Refused(explain.no_return(self.interface.function))
        return answer

    def _explained(self, error: BaseException, values: tuple[Any, ...]) -> Diagnosis:
        _make_room(error)
        call = ", ".join(f"{name} = {explain.shown(value)}" for name, value in zip(self.interface.parameters, values))
        return explain.failure(error, self.filename, f"called with {call}")


def _parse(source: str, filename: str) -> ast.Module:
    _remember(source, filename)
    try:
        return ast.parse(source, filename)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refused(explain.not_python(error, filename)) from None


def _run(tree: ast.Module, source: str, filename: str) -> ModuleType:
    module = ModuleType(f"learner_{filename.removesuffix('.py')}")
    sys.modules[module.__name__] = module
    _remember(source, filename)
    try:
        # Without dont_inherit the learner's file would get this file's __future__ imports.
        exec(compile(tree, filename, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - the purpose
    except BaseException as error:  # noqa: BLE001 - a check outlives whatever the learner wrote
        _make_room(error)
        raise Refused(explain.failure(error, filename, "while the file was read, before any check")) from None
    return module


def _found(module: ModuleType, interface: Interface) -> Function:
    wanted = interface.function
    found = getattr(module, wanted, None)
    if callable(found):
        return found  # type: ignore[no-any-return]
    defined = sorted(name for name, value in vars(module).items() if inspect.isfunction(value))
    close = get_close_matches(wanted, defined, n=1, cutoff=0.5)
    near = f" Is `{close[0]}` meant to be it?" if close else ""
    what = f"`{wanted}` is {explain.shown(found)}" if found is not None else "there is none of that name"
    message = f"The check looks for `def {interface.signature}:` in the file, but {what}.{near}"
    evidence = f"functions in the file: {', '.join(defined) or 'none'}"
    raise Refused(Diagnosis("no_function", message, evidence))


def _fitting(function: Function, interface: Interface) -> Function:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return function  # a NumPy ufunc, say, has none to look at; its call will tell
    given = tuple(signature.parameters)
    evidence = f"needed {interface.signature}, found {interface.function}{signature}"
    try:
        signature.bind(*interface.parameters)
    except TypeError as error:
        n = len(interface.parameters)
        message = f"`{interface.function}` has to take {n} arguments in order ({error})."
        raise Refused(Diagnosis("parameters", message, evidence)) from None
    if given != interface.parameters and sorted(given) == sorted(interface.parameters):
        message = "The names of the parameters are right, their order is not: the call goes by position."
        raise Refused(Diagnosis("parameters", message, evidence))
    return function


def _make_room(error: BaseException) -> None:
    if isinstance(error, MemoryError):
        limits.use_reserve()


def _remember(source: str, filename: str) -> None:
    # A traceback shows the line from here; the file itself is not in this process's folder.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)


def _line(source: str, number: int) -> str:
    lines = source.splitlines()
    return lines[number - 1].strip() if number <= len(lines) else ""
