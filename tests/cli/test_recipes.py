from __future__ import annotations

from descend.recipes import registry
from tests.cli.conftest import Call


def test_the_list_has_every_recipe_with_its_line(descend: Call) -> None:
    called = descend("recipes")
    assert all(one.name in called.out and one.about in called.out for one in registry.listings())
    found = {row["name"]: row["details"]["about"] for row in descend("recipes", "--json").report["results"]}
    assert found == {one.name: one.about for one in registry.listings()}


def test_one_recipe_shows_its_settings_source_and_bound(descend: Call) -> None:
    recipe = registry.get("mnist-lenet")
    called = descend("recipes", "mnist-lenet")
    assert recipe.source in called.out
    assert str(recipe.expect[0]) in called.out
    assert all(name in called.out for name in recipe.settings)
    assert descend("recipes", "mnist-lenet", "--json").result["details"]["settings"] == recipe.settings
