"""Training: a trainer that yields events, runs that survive a crash, and ways to look at them.

Names are imported when they are first used. Functions that bear the name of their file (`diff`, `evaluate`,
`follow`, `probe`, `runs`) are imported from it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from descend.train.catalogue import Catalogue
    from descend.train.evaluate import Batches, Evaluation, predictions
    from descend.train.recording import Saving
    from descend.train.render import show
    from descend.train.runs import Run, RunInfo
    from descend.train.trainer import Trainer

_HOMES = {
    "Batches": "evaluate",
    "Catalogue": "catalogue",
    "Evaluation": "evaluate",
    "Run": "runs",
    "RunInfo": "runs",
    "Saving": "recording",
    "Trainer": "trainer",
    "predictions": "evaluate",
    "show": "render",
}

__all__ = [
    "Batches",
    "Catalogue",
    "Evaluation",
    "Run",
    "RunInfo",
    "Saving",
    "Trainer",
    "predictions",
    "show",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
