"""`descend version`: which descend this is, and what it computes with."""

from __future__ import annotations

from descend.cli.options import Json
from descend.cli.result import Result
from descend.cli.screen import screen


def number() -> str:
    """The version, such as 0.1.0."""
    from descend import __version__

    return __version__


def version(json: Json = False) -> list[Result]:
    """Print the version and what numbers depend on.

    Two machines with the same Python, NumPy, processor and BLAS compute the same bits.

    \b
    Examples:
      descend version
      descend version --json
    """
    from descend.train.fingerprint import environment

    facts = environment()
    console = screen(json)
    for name, value in facts.items():
        console.print(f"{name:<14}{value}", markup=False)
    return [Result(name="descend", details=facts)]
