"""The pictures of a finished run: its curves, and how its network errs on the test examples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from descend.recipes.places import dataset
from descend.recipes.recipe import Network, Recipe
from descend.recipes.trained import logits, model_of
from descend.train import plots
from descend.train.events import Epoch
from descend.train.metrics import confusion, mistakes
from descend.train.runs import Run

_FOLDER = "pictures"


def draw(run: Run, recipe: Recipe) -> Mapping[str, Path]:
    """Draw into the folder of the run; what there is nothing to draw of is left out."""
    found = {}
    if any(isinstance(event, Epoch) for event in run.events()):
        figure = plots.learning_curve(run.events(), title=run.name)
        found["curve"] = plots.save(figure, _path(run, "curve"))
    if recipe.network is not None and "data" in run.info.settings:
        found |= _errors(run, recipe.network)
    return found


def drawn(run: Run) -> dict[str, Path]:
    """The pictures that there are, by name."""
    return {path.stem: path for path in sorted((run.path / _FOLDER).glob("*.png"))}


def _errors(run: Run, network: Network) -> dict[str, Path]:
    """The surest mistakes, and which classes are taken for which."""
    test = dataset(run).test
    answers = logits(model_of(run), network.prepare(test.x))
    figures = {
        "mistakes": plots.mistakes_grid(test.x, mistakes(answers, test.y), network.classes),
        "confusion": plots.confusion_matrix(confusion(answers, test.y), network.classes),
    }
    return {name: plots.save(figure, _path(run, name)) for name, figure in figures.items()}


def _path(run: Run, name: str) -> Path:
    folder = run.path / _FOLDER
    folder.mkdir(exist_ok=True)
    return folder / f"{name}.png"
