"""What a check says: a diagnosis, and the verdict that carries it out of the learner's process."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Diagnosis:
    """Why an answer is refused.

    Args:
        name: one word or two joined by "_", the same for every answer with this fault; hints hang on it.
        message: what is right, what is wrong, and which way to look.
        evidence: one concrete case with its numbers, or the line and the error.
    """

    name: str
    message: str
    evidence: str = ""


@dataclass(frozen=True)
class Verdict:
    """What became of an answer: a diagnosis, or None where it is right.

    Args:
        held: the properties that were found to hold, a sentence each, in the order of the check.
        calls: how often the learner's function was called.
    """

    diagnosis: Diagnosis | None
    held: tuple[str, ...] = ()
    calls: int = 0

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.diagnosis is None

    def to_json(self) -> dict[str, Any]:
        """The verdict in JSON's types."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Verdict:
        """The verdict that `to_json` wrote. Raises KeyError or TypeError where the row is none."""
        diagnosis = row["diagnosis"]
        return cls(Diagnosis(**diagnosis) if diagnosis else None, tuple(row["held"]), int(row["calls"]))
