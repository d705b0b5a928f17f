"""What a benchmark found, with a table of its own for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Tabled:
    """Numbers by name, and how the page shows them: a title, what was done, the rows."""

    numbers: Mapping[str, float]
    title: str
    about: str
    table: list[list[str]]
    absent: Mapping[str, str] = field(default_factory=dict)

    def metrics(self) -> Mapping[str, float]:
        """The numbers by name."""
        return self.numbers

    def details(self) -> dict[str, Any]:
        """What the page needs besides."""
        return {"title": self.title, "about": self.about, "table": self.table, "absent": dict(self.absent)}

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:.3g}" for name, value in self.numbers.items())
