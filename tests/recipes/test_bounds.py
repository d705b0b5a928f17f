from __future__ import annotations

import pytest

from descend.engine.errors import UsageError
from descend.recipes import registry
from descend.recipes.bounds import BOUNDS, Bound, bound
from descend.recipes.recipe import Recipe

RECIPES = [registry.get(name) for name in registry.names()]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_the_recipes_own_settings_are_within_bounds(recipe: Recipe) -> None:
    for settings in (recipe.settings, recipe.tiny):
        assert {name: bound(name, value) for name, value in settings.items()} == dict.fromkeys(settings)


def test_a_name_that_is_not_known_takes_no_negative_count() -> None:
    assert bound("nosuch", -1) == Bound(0)
    assert bound("nosuch", 0) is bound("nosuch", -1.5) is bound("nosuch", "x") is bound("nosuch", False) is None


@pytest.mark.parametrize(
    ("one", "inside", "outside", "words"),
    [
        (Bound(1), (1, 5, 1e9), (0, 0.99, -3), "at least 1"),
        (Bound(0, low_open=True), (1e-9, 2), (0, -1), "above 0"),
        (Bound(0, 1, high_open=True), (0, 0.99), (1, -0.1), "at least 0 and below 1"),
        (Bound(0, 1), (0, 1), (1.1, -0.1), "at least 0 and at most 1"),
    ],
)
def test_what_lies_within_a_bound(one: Bound, inside: tuple, outside: tuple, words: str) -> None:
    assert all(map(one.allows, inside))
    assert not any(map(one.allows, outside))
    assert str(one) == words


@pytest.mark.parametrize(
    ("name", "value"),
    [("lr", -1), ("lr", 0.0), ("lr", "-1"), ("epochs", 0), ("batch_size", 0), ("hidden", -3), ("seed", -1)],
)
def test_a_value_out_of_bounds_is_refused_with_words(name: str, value: object) -> None:
    with pytest.raises(UsageError) as refused:
        registry.get("digits-mlp").with_settings({name: value})
    assert refused.value.given == f"{name}={value}"
    assert str(BOUNDS[name]) in str(refused.value.needed)
    assert refused.value.fix
