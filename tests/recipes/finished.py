"""Runs made once and looked at by many tests."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from descend.recipes import child, launch, registry
from descend.recipes.answers import Answer
from descend.train.runs import Run


@contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """`folder` as DESCEND_HOME, for fixtures that outlive a test."""
    before = os.environ.get("DESCEND_HOME")
    os.environ["DESCEND_HOME"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("DESCEND_HOME")
        if before is not None:
            os.environ["DESCEND_HOME"] = before


def new_run(
    name: str = "digits-mlp", given: tuple[Answer, ...] = (), executor: str = "eager", **changes: object
) -> Run:
    """A run at the recipe's tiny size, ready to be trained."""
    recipe = registry.get(name)
    return launch.prepare(recipe, recipe.with_settings({**recipe.tiny, **changes}), given=given, executor=executor)


def trained_run(name: str = "digits-mlp", **changes: object) -> Run:
    """A run at the recipe's tiny size, trained in this process."""
    run = new_run(name, **changes)
    child.train(run)
    return run


def answer(folder: Path, code: str, symbol: str = "optim.sgd.update") -> Answer:
    """An answer to Exercise 0 with this body of the function; {"step": n} counts the calls."""
    file = folder / "00_update.py"
    lines = "\n".join(f"    {line}" for line in code.splitlines())
    file.write_text(f"import numpy as np\n\ndef update(p, g, lr):\n{lines}\n", encoding="utf-8")
    return Answer(symbol, file, "update")


RIGHT = "return p - lr * g"


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a process of its own."""
    return {**os.environ, "DESCEND_HOME": str(home), **(extra or {})}
