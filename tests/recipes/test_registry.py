"""The list of recipes, and every recipe at its tiny size."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from descend.engine.errors import UsageError
from descend.recipes import registry
from descend.recipes.trained import network_of
from descend.train.events import Done


def test_the_list_is_the_files_and_costs_no_numpy() -> None:
    code = (
        "import sys; from descend.recipes import registry; names = registry.names()\n"
        "assert 'digits-mlp' in names and 'mnist-lenet' in names, names\n"
        "assert not {'numpy', 'descend.engine'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("listing", registry.listings(), ids=lambda listing: listing.name)
def test_a_recipe_is_what_its_file_says(listing: registry.Listing) -> None:
    recipe = registry.get(listing.name)
    assert recipe.name == listing.name
    assert recipe.about == listing.about
    assert len(recipe.about) <= 110
    assert recipe.source
    assert recipe.expect
    assert all(expect.source for expect in recipe.expect)


@pytest.mark.parametrize("name", registry.names())
def test_every_recipe_runs_at_its_tiny_size_offline(name: str) -> None:
    recipe = registry.get(name)
    settings = recipe.with_settings(recipe.tiny)
    assert settings.get("data", "digits") == "digits"
    *_, last = recipe.build(settings).events()
    assert isinstance(last, Done)
    assert not last.stopped
    assert all(math.isfinite(value) for value in last.metrics.values())
    assert {expect.metric for expect in recipe.expect} <= last.metrics.keys()


@pytest.mark.parametrize("name", registry.names())
def test_the_network_of_a_recipe_fits_its_input(name: str) -> None:
    import numpy as np

    from descend.engine import Tensor, no_grad

    recipe = registry.get(name)
    if recipe.network is None:
        with pytest.raises(UsageError, match="has no network"):
            network_of(recipe)
        return
    model = recipe.network.build(recipe.settings)
    model.eval()
    x = recipe.network.prepare(np.zeros((2, *recipe.network.input_shape), np.uint8))
    with no_grad():
        assert model(Tensor(x)).shape == (2, len(recipe.network.classes))


def test_an_unknown_recipe_is_refused_with_the_near_miss() -> None:
    with pytest.raises(UsageError) as refused:
        registry.get("digits-mpl")
    assert refused.value.fix == "did you mean 'digits-mlp'?"


def test_names_and_what_names_begin_with_are_chosen_once_each_in_the_order_asked() -> None:
    chosen = registry.chosen(["nielsen-ch1-100", "nielsen-ch1"])
    assert chosen == ["nielsen-ch1-100", "nielsen-ch1"]
    several = registry.chosen(["nielsen", "digits-mlp", "nielsen-ch3"])
    assert several == [*(name for name in registry.names() if name.startswith("nielsen-")), "digits-mlp"]
    with pytest.raises(UsageError, match="no recipe 'niels'"):
        registry.chosen(["niels"])
