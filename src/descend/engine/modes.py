"""What the one door (`primitive.bind`) has to know besides its inputs: per-thread modes.

Recording is on by default. `special` is one flag for everything rare (a trace, an override, the anomaly mode), so that
the common path of `bind` tests a single boolean.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ContextDecorator, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from descend.engine.primitive import Primitive
    from descend.engine.tensor import Cell, Tensor


REFERENCE = "DESCEND_REFERENCE"  # set: see `reference`, for the whole process


class Interpreter(Protocol):
    """Somebody who watches or replaces evaluation: a tracer, a recorder."""

    def bind(self, primitive: Primitive, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
        """The value of the primitive applied to the inputs."""

    def write(self, cell: Cell, value: Any) -> None:
        """Told before a cell takes a new value."""

    def read(self, tensor: Tensor) -> None:
        """Told before the value of a cell is taken, or the numbers of a tensor are looked at, other than by `bind`."""


class State(threading.local):
    """The modes of one thread."""

    recording: bool = True
    special: bool = False
    anomaly: bool = False
    reference: bool = bool(os.environ.get(REFERENCE))
    interpreter: Interpreter | None = None

    def __init__(self) -> None:
        self.overrides: dict[str, Callable[..., Any]] = {}
        self.override_calls: dict[str, int] = {}

    def refresh(self) -> None:
        """Recompute `special` after one of the rare modes changed."""
        self.special = self.anomaly or self.interpreter is not None or bool(self.overrides)


state = State()


@contextmanager
def recording(on: bool) -> Iterator[None]:
    """Record operations for differentiation, or not, inside the block."""
    before, state.recording = state.recording, on
    try:
        yield
    finally:
        state.recording = before


class no_grad(ContextDecorator):  # noqa: N801  reads as a statement, and is PyTorch's name
    """Compute without recording: `with no_grad():`, or `@no_grad()` on a function. Results require no gradients."""

    def __init__(self) -> None:
        self.before: list[bool] = []  # a stack: one object may be entered inside itself

    def __enter__(self) -> None:
        self.before.append(state.recording)
        state.recording = False

    def __exit__(self, *error: object) -> None:
        state.recording = self.before.pop()

    def _recreate_cm(self) -> no_grad:
        return no_grad()  # a decorated function may run in several threads at once


@contextmanager
def detect_anomaly() -> Iterator[None]:
    """Raise `NonFiniteError` at the first operation, forward or backward, that makes a NaN or an infinity.

    Slower: every result is inspected.
    """
    before, state.anomaly = state.anomaly, True
    state.refresh()
    try:
        yield
    finally:
        state.anomaly = before
        state.refresh()


@contextmanager
def reference(on: bool = True) -> Iterator[None]:
    """Evaluate every primitive by its meaning, in NumPy, inside the block: nothing faster is used in this thread.

    `DESCEND_REFERENCE=1` in the environment does so for a whole process. Graphs run by native code stay as they are.
    """
    before, state.reference = state.reference, on
    try:
        yield
    finally:
        state.reference = before


@contextmanager
def interpreting(interpreter: Interpreter) -> Iterator[None]:
    """Hand every `bind` and every cell write of this thread to `interpreter` inside the block."""
    before, state.interpreter = state.interpreter, interpreter
    state.refresh()
    try:
        yield
    finally:
        state.interpreter = before
        state.refresh()
