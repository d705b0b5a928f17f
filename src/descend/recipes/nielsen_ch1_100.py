"""Nielsen's first network with 100 hidden neurons: 96.59 %."""

from __future__ import annotations

from dataclasses import replace

from descend.recipes import nielsen_ch1
from descend.recipes.recipe import Expect, Recipe

RECIPE: Recipe = replace(
    nielsen_ch1.RECIPE,
    name="nielsen-ch1-100",
    about="Nielsen's first network with 100 hidden neurons: 96.59 %.",
    source="Nielsen 2015, chapter 1: 96.59 %",
    settings={**nielsen_ch1.RECIPE.settings, "hidden": 100},
    expect=(Expect(metric="best_test_accuracy", target=0.9659, tolerance=0.004, source="Nielsen 2015, chapter 1"),),
)
