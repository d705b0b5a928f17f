"""The pictures of a finished run: its curves, and the test examples that its network reads wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from descend.recipes.places import dataset
from descend.recipes.recipe import Network, Recipe
from descend.recipes.trained import logits, model_of
from descend.train import plots
from descend.train.events import Epoch
from descend.train.metrics import mistakes
from descend.train.runs import Run

_FOLDER = "pictures"


def draw(run: Run, recipe: Recipe) -> Mapping[str, Path]:
    """Draw into the folder of the run; what there is nothing to draw of is left out."""
    found = {}
    if any(isinstance(event, Epoch) for event in run.events()):
        figure = plots.learning_curve(run.events(), title=run.name)
        found["curve"] = plots.save(figure, _path(run, "curve"))
    if recipe.network is not None and "data" in run.info.settings:
        found["mistakes"] = _mistakes(run, recipe.network)
    return found


def _mistakes(run: Run, network: Network) -> Path:
    test = dataset(run).test
    answers = logits(model_of(run), network.prepare(test.x))
    return plots.save(plots.mistakes_grid(test.x, mistakes(answers, test.y), network.classes), _path(run, "mistakes"))


def _path(run: Run, name: str) -> Path:
    folder = run.path / _FOLDER
    folder.mkdir(exist_ok=True)
    return folder / f"{name}.png"
