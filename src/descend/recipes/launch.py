"""Runs a recipe in a process of its own, and follows it through the folder of its run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType

from descend.data import Listener
from descend.engine.errors import DescendError
from descend.recipes import answers, places, resuming
from descend.recipes.answers import Answer
from descend.recipes.recipe import Recipe, Setting
from descend.train.events import Done, Event, Failed, Paused
from descend.train.follow import follow
from descend.train.runs import Run, RunInfo

PATIENCE = 120.0  # seconds without an event after which a run is taken for hung
_OUTPUT = "output.txt"


class KilledError(DescendError):
    """Ctrl-C was pressed twice: whoever did so does not want what comes next, either."""


def prepare(
    recipe: Recipe,
    settings: dict[str, Setting],
    *,
    directory: Path | None = None,
    given: Iterable[Answer] = (),
    progress: Listener | None = None,
    executor: str = "eager",
) -> Run:
    """A new run of `recipe`, ready to be trained.

    Args:
        settings: all of them, as `Recipe.with_settings` returns them.
        directory: where the data set is, if not where it is found by itself.
        given: the learner's answers that take the place of the framework's code.
        progress: told of the download, where there is one.
        executor: what computes the updates: "eager", or an executor of the compiler.

    Raises:
        DescendError: the data cannot be had or are not what the network takes, an answer cannot be read, or the run's
            folder cannot be written.
    """
    answered, data = list(given), places.fitting(recipe, settings, directory, progress)
    described = RunInfo.now(
        recipe.name,
        int(settings.get("seed", 0)),
        settings,
        data=data.fingerprint if data else "",
        overrides={answer.symbol: answer.origin for answer in answered},
        executor=executor,
    )
    if directory:
        described = replace(described, environment={**described.environment, places.KEY: str(directory)})
    run = Run.create(described)
    answers.keep(answered, run)
    return run


def train(run: Run, *, patience: float = PATIENCE, start: int | None = None) -> Iterator[Event]:
    """Train `run` in a child process from its last checkpoint on, and yield its events as they come.

    Ctrl-C asks the child for a checkpoint and an end: `Done(stopped=True)`. A second one kills it.

    Args:
        patience: seconds without an event after which the child is killed.
        start: position in the run's events from which to yield; by default only what is new.

    Raises:
        DescendError: the job failed, hung, or its process died; the message names the run and how to go on.
    """
    position = run.position() if start is None else start
    if run.writer() is not None:
        raise DescendError(f"{run.name} is being trained by another process", fix="wait for its end, or stop it first")
    run.request("run")
    with _spawned(run) as process:
        child = _Child(run, process, patience)
        with _stopping_on_interrupt(child):
            yield from _told(child, follow(run, start=position, alive=child.alive))


@dataclass
class _Child:
    """The training process, and what is known of its end."""

    run: Run
    process: subprocess.Popen[bytes]
    patience: float
    paused: bool = False
    hung: bool = False
    interrupts: int = 0
    heard: float = field(default_factory=time.monotonic)

    def hear(self, event: Event) -> None:
        self.heard = time.monotonic()
        self.paused = isinstance(event, Paused)

    def alive(self) -> bool:
        """Whether the process runs; one that has been silent for too long is killed here."""
        if self.process.poll() is not None:
            return False
        if not self.paused and time.monotonic() - self.heard > self.patience:
            self.hung = True
            self.process.kill()
            self.process.wait()
            return False
        return True

    def interrupt(self) -> None:
        """The first asks for a checkpoint and an end, the second does not ask."""
        self.interrupts += 1
        if self.interrupts == 1:
            self.run.request("stop")
        else:
            self.process.kill()

    def obituary(self) -> DescendError:
        """Why the process ended without a result."""
        name = self.run.name
        again = resuming.advice(self.run)
        if self.hung:
            return DescendError(
                f"{name} gave no sign of life for {self.patience:g} seconds and was stopped",
                given="an endless loop, or a step that takes longer than that",
                fix=f"{again}; to wait longer, add --patience SECONDS",
            )
        if self.interrupts > 1:
            return KilledError(f"{name} was stopped before it could save a checkpoint", fix=again)
        return DescendError(
            f"the process that trained {name} died: {_cause(self.process.returncode)}",
            given=_last_lines(self.run.path / _OUTPUT) or None,
            fix=again,
        )


def _told(child: _Child, stream: Iterator[Event]) -> Iterator[Event]:
    """The events of a child; ends with `Done`, or raises what became of it instead."""
    last: Event | None = None
    for event in stream:
        child.hear(event)
        last = event
        if not isinstance(event, Failed) and not _interrupted(event):
            yield event
    if isinstance(last, Failed):
        raise last.error()
    if not isinstance(last, Done):
        child.process.wait()
        raise child.obituary()


@contextmanager
def _spawned(run: Run) -> Iterator[subprocess.Popen[bytes]]:
    """The child process; whatever happens here, it does not outlive this block."""
    directory = places.directory(run)
    environment = {**os.environ, **({"DESCEND_DATA": str(directory)} if directory else {})}
    with (run.path / _OUTPUT).open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "descend.recipes.child", str(run.path)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            # Ctrl-C in the terminal must reach the parent only: it asks the child to stop in good order.
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            _end(run, process)


def _end(run: Run, process: subprocess.Popen[bytes]) -> None:
    run.request("stop")
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _stopping_on_interrupt(child: _Child) -> Iterator[None]:
    # Signals reach the main thread only, and only it may say what to do with them.
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        child.interrupt()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _cause(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    name = signal.Signals(-status).name
    return f"{name}, which is what the system sends when memory runs out" if name == "SIGKILL" else name


def _last_lines(path: Path, n: int = 5) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n          ".join(lines[-n:])


def _interrupted(event: Event) -> bool:
    return getattr(event, "topic", None) == "interrupted"
