"""What came of a run: its metrics, whether they compare with what the recipe expects, and its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from descend.engine.errors import DescendError
from descend.recipes import answers, resuming
from descend.recipes.pictures import draw, drawn
from descend.recipes.recipe import Recipe
from descend.train.events import Done
from descend.train.runs import Run


@dataclass(frozen=True)
class Outcome:
    """The end of a run.

    Args:
        unchecked: why `metrics` cannot be compared with the recipe's `expect`; "" where they can.
        pictures: files drawn in the run's folder, by name.
        calls: how often each of the learner's answers was called, by symbol.
    """

    metrics: Mapping[str, float]
    seconds: float
    stopped: bool
    unchecked: str
    pictures: Mapping[str, Path]
    calls: Mapping[str, int]


def outcome(run: Run, recipe: Recipe, *, anew: bool = True) -> Outcome:
    """The outcome of a run that has ended. Raises DescendError where it has not.

    Args:
        anew: draw its pictures, for which its network is shown the test examples; else those that there are.
    """
    ends = [event for event in run.events() if isinstance(event, Done)]
    if not ends:
        raise DescendError(f"{run.name} has not come to its end", fix=resuming.advice(run))
    end = ends[-1]
    return Outcome(
        metrics=end.metrics,
        seconds=end.seconds,
        stopped=end.stopped,
        unchecked=_unchecked(recipe, run, end),
        pictures=draw(run, recipe) if anew else drawn(run),
        calls=answers.calls(run),
    )


def _unchecked(recipe: Recipe, run: Run, end: Done) -> str:
    if end.stopped:
        return "it was stopped before its end"
    changes = recipe.changes(run.info.settings)
    own = recipe.settings
    return ", ".join(f"{name} is {value}, not {own.get(name)}" for name, value in changes.items())
