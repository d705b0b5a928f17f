"""What each recipe reached when it was last run at its full size: a file that ships with the library.

`scripts/record.py` writes it from the folders of finished runs. Nothing in it is typed by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descend.engine.errors import UsageError

if TYPE_CHECKING:
    from descend.recipes.recipe import Recipe
    from descend.train.runs import Run

FILE = Path(__file__).with_name("recorded.json")


@dataclass(frozen=True)
class Recorded:
    """One finished run.

    Attributes:
        seconds: time it took, on the machine named by `cpu`.
        created: when it began, UTC, ISO 8601.
    """

    recipe: str
    seed: int
    executor: str
    epochs: int
    seconds: float
    metrics: Mapping[str, float]
    settings: Mapping[str, Any]
    created: str
    cpu: str

    def stands(self, recipe: Recipe) -> bool:
        """Whether the recipe's settings are still those that were run."""
        return dict(self.settings) == dict(recipe.settings)


def of_run(run: Run) -> Recorded:
    """The record of a run. Raises UsageError where it has not come to its end, or had other settings."""
    from descend.recipes import registry
    from descend.train.events import Done, Epoch

    happened, info = run.events(), run.info
    recipe = registry.get(info.recipe)
    done = happened[-1] if happened else None
    if not isinstance(done, Done) or done.stopped or recipe.changes(info.settings) or info.overrides:
        raise UsageError(
            f"{run.name} is not a result of {recipe.name}",
            given=f"{run.status()}, other settings: {recipe.changes(info.settings) or 'none'}",
            needed="a finished run with the recipe's own settings",
            fix=f"descend train {recipe.name}",
        )
    return Recorded(
        recipe=recipe.name,
        seed=info.seed,
        executor=info.executor,
        epochs=sum(isinstance(event, Epoch) for event in happened),
        seconds=round(done.seconds, 1),
        metrics=done.metrics,
        settings={**info.settings, **({"seed": recipe.settings["seed"]} if "seed" in recipe.settings else {})},
        created=info.created,
        cpu=info.environment.get("cpu", "unknown"),
    )


def load() -> dict[str, Recorded]:
    """The records by the name of their recipe."""
    rows = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []
    return {row["recipe"]: Recorded(**row) for row in rows}


def keep(found: Iterable[Recorded]) -> None:
    """Put records into the file, in place of older ones of the same recipes."""
    from descend.disk.durable import write_file

    rows = load() | {one.recipe: one for one in found}
    text = json.dumps([asdict(rows[name]) for name in sorted(rows)], indent=1, ensure_ascii=False)
    write_file(FILE, (text + "\n").encode())
