"""A learner's functions in place of the framework's: copied into the run, loaded, watched."""

from __future__ import annotations

import json
import linecache
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from descend.disk.durable import storing, write_file
from descend.engine import override, override_calls
from descend.engine.errors import DescendError
from descend.train.runs import Run

_FOLDER, _CALLS = "answers", "calls.json"


@dataclass(frozen=True)
class Answer:
    """A learner's function for a symbol of the framework, "optim.sgd.update" say."""

    symbol: str
    file: Path
    function: str

    @property
    def origin(self) -> str:
        """Where it comes from, as `run.json` records it: "file:function"."""
        return f"{self.file}:{self.function}"

    @classmethod
    def of(cls, symbol: str, origin: str) -> Answer:
        """The answer that `origin` describes."""
        file, _, function = origin.rpartition(":")
        return cls(symbol, Path(file), function)


def keep(answers: Iterable[Answer], run: Run) -> None:
    """Copy the files into the folder of the run: what it trains with must not change under it.

    Raises:
        DescendError: a file cannot be read or the copy cannot be written.
    """
    for answer in answers:
        copy = _copy(run, answer.symbol)
        with storing(copy):
            copy.parent.mkdir(exist_ok=True)
        write_file(copy, _read(answer.file))


@contextmanager
def installed(run: Run) -> Iterator[None]:
    """Let the run's answers take the place of the framework's code. Their errors name the learner's line.

    Raises:
        DescendError: an answer cannot be loaded or lacks its function; or, later, it fails when it is called.
    """
    with ExitStack() as stack:
        for symbol, origin in run.info.overrides.items():
            answer = Answer.of(symbol, origin)
            stack.enter_context(override(symbol, _load(answer, _copy(run, symbol))))
        yield


def count(run: Run) -> None:
    """Write down how often each override now in force was called."""
    calls = {symbol: override_calls(symbol) for symbol in run.info.overrides}
    write_file(run.path / _FOLDER / _CALLS, json.dumps(calls).encode())


def calls(run: Run) -> dict[str, int]:
    """How often each answer was called in the last part of the run, by symbol; empty before its end."""
    try:
        found: dict[str, int] = json.loads((run.path / _FOLDER / _CALLS).read_bytes())
    except FileNotFoundError:
        return {}
    return found


def _copy(run: Run, symbol: str) -> Path:
    return run.path / _FOLDER / f"{symbol}.py"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise DescendError(
            f"your answer {file} cannot be read", given=str(error), fix="check the folder given with --with"
        ) from error


def _load(answer: Answer, copy: Path) -> Callable[..., Any]:
    """The function, from the copy; in tracebacks it bears the name of the learner's file."""
    name, text = str(answer.file), _read(copy).decode("utf-8-sig", errors="replace")
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    module = ModuleType(answer.file.stem)
    module.__file__ = name
    with _blaming(name):
        exec(compile(text, name, "exec", dont_inherit=True), vars(module))  # noqa: S102 - to run the learner's code is the point
    function = getattr(module, answer.function, None)
    if not callable(function):
        raise DescendError(
            f"{answer.file} does not define {answer.function}",
            needed=f"a function def {answer.function}(...)",
            fix="see what it must look like with: descend check",
        )

    def call(*values: Any) -> Any:
        with _blaming(name):
            return function(*values)

    return call


@contextmanager
def _blaming(file: str) -> Iterator[None]:
    """Turn whatever the learner's code raises into a `DescendError` that names its line."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise DescendError(
            f"your code raised {type(error).__name__}: {error}",
            given=_line(error, file),
            fix="descend check finds such things before anything trains",
        ) from error


def _line(error: BaseException, file: str) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.filename}, line {error.lineno}: {(error.text or '').strip()}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{file}, line {frames[-1].lineno}: {frames[-1].line}" if frames else file
