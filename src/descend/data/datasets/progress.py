"""What a download reports while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a file is, in bytes, and in `note` what else happened: "broke off: trying again in 1 s"."""

    file: str
    done: int
    total: int
    note: str = ""


Listener = Callable[[Progress], None]


def silent(event: Progress) -> None:
    """The listener that does nothing."""
