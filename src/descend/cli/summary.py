"""`descend summary`: the layers of a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from descend.cli.options import Json, Set
from descend.cli.result import Result
from descend.cli.screen import screen
from descend.cli.train import changes

if TYPE_CHECKING:
    from descend.recipes.recipe import Recipe, Setting

Name = Annotated[str, typer.Argument(metavar="RECIPE|RUN", help="A recipe, or the name of a run.")]


def summary(name: Name, set_: Set = None, json: Json = False) -> list[Result]:
    """Show the layers of a network.

    Each with the shape of its output and its number of parameters.

    \b
    Examples:
      descend summary mnist-lenet
      descend summary digits-mlp --set hidden=100
      descend summary 2026-01-31-mnist-lenet-1
    """
    from descend.nn import summary as summarise
    from descend.recipes.trained import network_of

    recipe, settings = _described(name, set_)
    network = network_of(recipe)
    model = network.build(settings)
    screen(json).print(str(summarise(model, (1, *network.input_shape))), markup=False)
    layers = {parameter: list(cell.shape) for parameter, cell in model.named_parameters()}
    count = sum(int(cell.numpy().size) for _, cell in model.named_parameters())
    return [Result(name=recipe.name, metrics={"parameters": count}, details={"shapes": layers, "settings": settings})]


def _described(name: str, set_: list[str] | None) -> tuple[Recipe, dict[str, Setting]]:
    """The recipe of this name with its settings, or that of the run."""
    from descend.cli.runs import opened
    from descend.recipes import registry
    from descend.train.runs import run_folders

    if name not in registry.names() and (name in {"last", *(p.name for p in run_folders())} or Path(name).is_dir()):
        if set_:
            raise typer.BadParameter("a run has its settings already", param_hint="--set")
        run = opened(name)
        return registry.get(run.info.recipe), dict(run.info.settings)
    recipe = registry.get(name)
    return recipe, recipe.with_settings(changes(set_))
