"""Going on with a run: whether that can be, and the words for what to do instead."""

from __future__ import annotations

import shlex
from pathlib import Path

from descend.engine.errors import UsageError
from descend.recipes import places, registry
from descend.recipes.executor import executor_for
from descend.train.checkpoint import Checkpoints
from descend.train.runs import Run


def verify(run: Run) -> None:
    """Raise where there is nothing to go on with.

    Raises:
        UsageError: the run has come to its end, or failed before its first checkpoint.
        DescendError: the data that it was begun with are no longer what is found.
    """
    if run.status() == "finished":
        raise UsageError(f"{run.name} is finished", given="all its epochs are done", fix=longer(run))
    failure = run.failure()
    if failure and not has_checkpoint(run):
        problem = f"{run.name} failed before its first checkpoint: there is nothing to go on from"
        raise UsageError(problem, given=failure.problem, fix="; ".join(filter(None, (failure.fix, anew(run)))))
    places.verify(run)


def advice(run: Run) -> str:
    """What to do with a run that did not come to its end."""
    if has_checkpoint(run):
        return f"go on from its last checkpoint with: descend train --resume {run.name}"
    if run.failure():
        return anew(run)
    return f"begin it again with: descend train --resume {run.name}"


def anew(run: Run) -> str:
    """How to begin such a run with what made it fail put right."""
    return f"begin a new run with other settings: descend train {run.info.recipe} --set NAME=VALUE"


def longer(run: Run) -> str:
    """How to train such a run for longer: the order of its data and its schedule are those of its own length."""
    epochs = run.info.settings.get("epochs")
    changed = {"epochs": 2 * epochs} if isinstance(epochs, int) else {}
    return f"{'to train longer, ' if changed else ''}begin a new run: {command(run, **changed)}"


def command(run: Run, **changes: object) -> str:
    """The command that begins such a run again, with `changes` to its settings."""
    info = run.info
    own = registry.get(info.recipe).settings if info.recipe in registry.names() else {}
    asked = {name: value for name, value in {**info.settings, **changes}.items() if own.get(name) != value}
    words = ["descend", "train", info.recipe, *(word for pair in asked.items() for word in _option(*pair))]
    directory = places.directory(run)
    words += ["--data", str(directory)] if directory else []
    words += _compilation(run)
    folders = {str(Path(origin.rpartition(":")[0]).parent): None for origin in info.overrides.values()}
    words += [word for folder in folders for word in ("--with", folder)]
    return shlex.join(words)


def _compilation(run: Run) -> list[str]:
    """What to say where such a run would not be computed by the same executor by itself."""
    info = run.info
    if info.recipe not in registry.names():
        return []
    compiled = info.executor != "eager"
    usual = executor_for(registry.get(info.recipe), answered=bool(info.overrides)) != "eager"
    return [] if compiled == usual else ["--compile" if compiled else "--no-compile"]


def has_checkpoint(run: Run) -> bool:
    """Whether there is a state to go on from, whole or not."""
    return bool(Checkpoints(run.path / "checkpoints").paths())


def _option(name: str, value: object) -> list[str]:
    return [f"--{name}", str(value)] if name in ("epochs", "seed") else ["--set", f"{name}={value}"]
