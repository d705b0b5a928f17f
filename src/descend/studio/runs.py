"""The runs over HTTP: those of the command line and those started here are the same folders."""

from __future__ import annotations

import logging
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from descend.engine.errors import DescendError, UsageError
from descend.guide.workspace import passed_overrides
from descend.recipes import answers, launch, registry, resuming
from descend.recipes.answers import Answer
from descend.recipes.executor import executor_for
from descend.recipes.outcome import outcome
from descend.recipes.pictures import drawn
from descend.recipes.recipe import Expect, Recipe
from descend.studio.following import plain_name, rows, thinned
from descend.studio.workspace import found
from descend.train.catalogue import Catalogue
from descend.train.events import Done
from descend.train.headline import headline
from descend.train.runs import Run

MOST_AT_ONCE = 4
PATIENCE = 20.0  # seconds for a run to come to a checkpoint when the studio closes
_log = logging.getLogger(__name__)


class Runs:
    """What is trained and was trained; trainings started here are followed in a thread each.

    Args:
        directory: the learner's folder, for runs with their answers; by default the one that is found.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._trainings: dict[str, threading.Thread] = {}
        self._alone = threading.Lock()

    def recipes(self) -> list[dict[str, Any]]:
        """Every recipe with its settings."""
        found = [registry.get(name) for name in registry.names()]
        return [
            {"name": r.name, "about": r.about, "source": r.source, "settings": dict(r.settings), "tiny": dict(r.tiny)}
            for r in found
        ]

    def all(self) -> list[dict[str, Any]]:
        """Every run in short, the newest first."""
        return [
            {
                "name": row.name,
                "recipe": row.recipe,
                "state": row.status,
                "started": row.created,
                "epochs": row.epochs,
                "metrics": row.metrics,
                "headline": headline(row.metrics),
                "seconds": row.seconds,
                "problem": row.problem or None,
            }
            for row in reversed(Catalogue().rows())
        ]

    def one(self, name: str) -> dict[str, Any]:
        """A run with what happened in it."""
        run = Run.open(plain_name(name))
        short = next(row for row in self.all() if row["name"] == name)
        return {
            **short,
            "settings": run.info.settings,
            "seed": run.info.seed,
            "answers": [
                {"symbol": symbol, "origin": origin, "calls": answers.calls(run).get(symbol)}
                for symbol, origin in run.info.overrides.items()
            ],
            "environment": run.info.environment,
            "failure": _failed(run),
            "resumable": _resumable(run),
            "events": rows(thinned(run.events())),
            "expect": _expected(run, short["metrics"]),
            "pictures": [{"name": name, "file": path.name} for name, path in drawn(run).items()],
        }

    def start(self, body: dict[str, Any]) -> dict[str, Any]:
        """Begin a run: {recipe, settings, with_answers}."""
        recipe = registry.get(str(body.get("recipe")))
        settings = body.get("settings") or {}
        if not isinstance(settings, dict):
            raise UsageError("settings are an object", given=str(settings)[:60], needed='{"epochs": 3, ...}')
        full = recipe.with_settings(settings)
        given = self._answers() if body.get("with_answers") else []
        with self._alone:
            self._room()
            run = launch.prepare(recipe, full, given=given, executor=executor_for(recipe, answered=bool(given)))
            self._follow(run)
        return {"name": run.name}

    def stop(self, body: dict[str, Any], name: str) -> dict[str, Any]:
        """Ask a run to save a checkpoint and end."""
        del body
        run = Run.open(plain_name(name))
        if run.writer() is None:
            raise UsageError(f"{name} is not running", given=run.status())
        run.request("stop")
        return {"name": name}

    def resume(self, body: dict[str, Any], name: str) -> dict[str, Any]:
        """Go on with a run from its last checkpoint."""
        del body
        run = Run.open(plain_name(name))
        with self._alone:
            if run.writer() is None and name in self._trainings:
                # It has just ended, and whoever followed it is about to notice.
                self._trainings[name].join(PATIENCE)
            if run.writer() is not None or self._follows(name):
                raise UsageError(f"{name} is being trained already", given=run.status())
            resuming.verify(run)
            self._room()
            self._follow(run)
        return {"name": name}

    def picture(self, name: str, file: str) -> Path | None:
        """The picture of this name, None where there is none. The file is one of a list, never a path."""
        return next((path for path in drawn(Run.open(plain_name(name))).values() if path.name == file), None)

    def close(self) -> None:
        """Bring the runs that were started here to a checkpoint and wait for them."""
        for name in list(self._trainings):
            if self._follows(name):
                Run.open(name).request("stop")
        for thread in self._trainings.values():
            thread.join(PATIENCE)

    # ------------------------------------------------------------------------------------- following

    def _answers(self) -> list[Answer]:
        return [
            Answer(one.symbol, one.file.resolve(), one.function) for one in passed_overrides(found(self._directory))
        ]

    def _room(self) -> None:
        running = sum(map(self._follows, self._trainings))
        if running >= MOST_AT_ONCE:
            raise UsageError("too many runs at once", given=str(running), fix="stop one, or wait for its end")

    def _follows(self, name: str) -> bool:
        return name in self._trainings and self._trainings[name].is_alive()

    def _follow(self, run: Run) -> None:
        thread = threading.Thread(target=_train, args=(run,), name=f"run {run.name}", daemon=True)
        self._trainings[run.name] = thread
        thread.start()


def _train(run: Run) -> None:
    """Train to the end and draw the pictures. What goes wrong stands in the run's own events."""
    try:
        end = [event for event in launch.train(run) if isinstance(event, Done)]
        if end and not end[-1].stopped:
            outcome(run, registry.get(run.info.recipe))
    except DescendError as error:
        _log.warning("%s: %s", run.name, error)


def _failed(run: Run) -> dict[str, str] | None:
    """Why a run failed, and what can be done; None where it did not."""
    failure = run.failure()
    return {**asdict(failure), "next": resuming.advice(run)} if failure else None


def _resumable(run: Run) -> bool:
    """Whether there is something to go on with."""
    ended = run.status() in ("finished", "running")
    return not ended and (resuming.has_checkpoint(run) or not run.failure())


def _expected(run: Run, metrics: dict[str, float]) -> list[dict[str, Any]]:
    """What the recipe must reach, and whether it does; nothing where the settings are not the recipe's."""
    try:
        recipe: Recipe = registry.get(run.info.recipe)
    except DescendError:
        return []
    comparable = not recipe.changes(run.info.settings)
    return [_compared(one, metrics, comparable) for one in recipe.expect]


def _compared(one: Expect, metrics: dict[str, float], comparable: bool) -> dict[str, Any]:
    reached = one.holds(metrics) if comparable and one.metric in metrics else None
    value = metrics.get(one.metric)
    return {"metric": one.metric, "must": str(one), "source": one.source, "value": value, "reached": reached}
