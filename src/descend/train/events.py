"""What a training run says while it goes on: a stream of small immutable records, one line of JSON each."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from descend.engine.errors import DescendError

_REAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True)
class Event:
    """One thing that happened. Subclasses say what; `kind` is their name in JSON."""

    kind: ClassVar[str] = "event"

    def to_json(self) -> str:
        """One line of strict JSON without a line end; NaN and infinities become strings."""
        row = {"event": self.kind} | {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


@dataclass(frozen=True)
class Start(Event):
    """A process begins to train. A later Start of the same run replaces the earlier one."""

    kind = "start"
    epochs: int
    steps_per_epoch: int
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step(Event):
    """One update of the weights: the loss on its batch before the update, and the learning rate used."""

    kind = "step"
    step: int
    epoch: int
    loss: float
    lr: float


@dataclass(frozen=True)
class Epoch(Event):
    """One pass over the training data, counted from 1, and what was measured after it."""

    kind = "epoch"
    epoch: int
    step: int
    metrics: dict[str, float]
    seconds: float


@dataclass(frozen=True)
class Sample(Event):
    """A picture or another file made by the run; `path` is relative to the folder of the run."""

    kind = "sample"
    name: str
    path: str
    step: int = 0


@dataclass(frozen=True)
class Warning(Event):  # noqa: A001 - the word of the subject; always written events.Warning elsewhere
    """Something that the reader should know. `topic` is one word for programs, `message` is for people."""

    kind = "warning"
    topic: str
    message: str
    step: int = 0


@dataclass(frozen=True)
class Paused(Event):
    """Training waits after this step because it was asked to."""

    kind = "paused"
    step: int


@dataclass(frozen=True)
class Resumed(Event):
    """Training goes on after `step`; whatever was recorded beyond that step is superseded."""

    kind = "resumed"
    step: int
    epoch: int


@dataclass(frozen=True)
class Done(Event):
    """The end; `stopped` where it was asked to end early. `seconds` adds up the training of all processes."""

    kind = "done"
    metrics: dict[str, float]
    seconds: float
    stopped: bool = False


@dataclass(frozen=True)
class Failed(Event):
    """The end by an error, told in the parts of a `DescendError`."""

    kind = "failed"
    problem: str
    given: str = ""
    needed: str = ""
    fix: str = ""

    @classmethod
    def of(cls, error: BaseException) -> Failed:
        """The record of an error: the parts of a `DescendError`, or type and text of any other."""
        if isinstance(error, DescendError):
            return cls(error.problem, error.given or "", error.needed or "", error.fix or "")
        return cls(f"{type(error).__name__}: {error}")

    def error(self) -> DescendError:
        """The error again, ready to be raised in the process that reads the events."""
        return DescendError(self.problem, given=self.given or None, needed=self.needed or None, fix=self.fix or None)


KINDS: dict[str, type[Event]] = {
    kind.kind: kind for kind in (Start, Step, Epoch, Sample, Warning, Paused, Resumed, Done, Failed)
}


def from_json(line: str | bytes) -> Event:
    """The event that `to_json` wrote. Unknown fields are left out, so that newer files can be read.

    Raises DescendError where the line is not JSON, names no known event, or lacks a field.
    """
    try:
        row = json.loads(line)
        kind = KINDS[row["event"]]
        return kind(**{f.name: _READ[str(f.type)](row[f.name]) for f in fields(kind)})
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise DescendError(
            "this line does not hold an event",
            given=repr(line[:80]),
            needed="one JSON object with the field 'event', one of " + ", ".join(KINDS),
        ) from error


def effective(events: Iterable[Event]) -> list[Event]:
    """The events that count: those after the step from which a run was resumed are left out.

    A run that was killed and resumed has recorded some steps twice; what comes after `Resumed` is true.
    """
    kept: list[Event] = []
    for event in events:
        if isinstance(event, Start):
            kept = [event, *(e for e in kept if not isinstance(e, Start))]
            continue
        if isinstance(event, Resumed):
            kept = [e for e in kept if not _superseded(e, event.step)]
        kept.append(event)
    return kept


def _superseded(event: Event, step: int) -> bool:
    return isinstance(event, Done | Failed | Paused) or getattr(event, "step", 0) > step


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    # NumPy's scalars are neither int nor float to the json module.
    return value.item() if hasattr(value, "item") else value


def _real(value: Any) -> float:
    if isinstance(value, str):
        return _REAL[value]
    return float(_exactly(int, float)(value))


def _exactly(*types: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) not in types:
            raise TypeError(f"{value!r} is not {' or '.join(t.__name__ for t in types)}")
        return value

    return read


def _metrics(value: Any) -> dict[str, float]:
    return {name: _real(number) for name, number in _exactly(dict)(value).items()}


_READ: dict[str, Callable[[Any], Any]] = {
    "int": _exactly(int),
    "str": _exactly(str),
    "bool": _exactly(bool),
    "float": _real,
    "dict[str, float]": _metrics,
    "dict[str, Any]": _exactly(dict),
}
