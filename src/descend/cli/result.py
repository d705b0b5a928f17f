"""What a command prints with `--json`: one object on the last line, the same schema for every command.

    command   the command's name
    passed    whether it succeeded; the exit status is 0 exactly then
    seconds   time that the command took
    results   a list of objects: name, seed, executor, epochs, seconds, metrics, expect, passed, details
    error     null, or an object: problem, given, needed, fix

`metrics` holds numbers by name (null where one is not finite), `expect` is null where nothing was checked,
`details` holds whatever else belongs to the result: paths, settings, texts.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from descend.engine.errors import DescendError
    from descend.recipes.recipe import Expect


@dataclass(frozen=True, kw_only=True)
class Result:
    """One thing that a command found out or made."""

    name: str
    seed: int | None = None
    executor: str | None = None
    epochs: int | None = None
    seconds: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    expect: list[dict[str, Any]] | None = None
    passed: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that a command has to say."""

    command: str
    results: list[Result]
    seconds: float = 0.0
    error: Mapping[str, str | None] | None = None

    @property
    def passed(self) -> bool:
        """Whether there was no error and every result passed."""
        return self.error is None and all(result.passed for result in self.results)

    def to_json(self) -> str:
        """The report on one line of strict JSON."""
        row = {
            "command": self.command,
            "passed": self.passed,
            "seconds": round(self.seconds, 3),
            "results": [asdict(result) for result in self.results],
            "error": self.error,
        }
        return json.dumps(_plain(row), ensure_ascii=False, allow_nan=False)


def checked(expect: Iterable[Expect], metrics: Mapping[str, float]) -> list[dict[str, Any]]:
    """Each expectation with the value that was reached."""
    return [
        {
            "must": str(e),
            "metric": e.metric,
            "target": e.target,
            "tolerance": e.tolerance,
            "at_least": e.at_least,
            "at_most": e.at_most,
            "published": e.target if e.published is None else e.published,
            "source": e.source,
            "value": metrics.get(e.metric),
            "passed": e.holds(metrics),
        }
        for e in expect
    ]


def told(error: DescendError) -> dict[str, str | None]:
    """The parts of an error."""
    return {"problem": error.problem, "given": error.given, "needed": error.needed, "fix": error.fix}


def _plain(value: Any) -> Any:
    """`value` in JSON's types; NumPy's scalars become Python's, paths text, and what is not finite null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value
