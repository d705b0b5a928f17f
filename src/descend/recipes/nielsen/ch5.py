"""Chapter 5: deeper networks of sigmoid neurons, which learn no better, and the gradients that vanish in them."""

from __future__ import annotations

from descend.recipes.nielsen.dense import dense
from descend.recipes.recipe import Setting

_SETTINGS: dict[str, Setting] = {"lr": 0.1, "lmbda": 5.0, "test_each_epoch": False}

RECIPES = (
    dense(
        name="nielsen-ch5-1",
        about="One hidden layer of 30 sigmoid neurons: 96.48 %.",
        chapter=5,
        published=96.48,
        quoted=" of the validation images",
        settings=_SETTINGS,
    ),
    dense(
        name="nielsen-ch5-2",
        about="Two hidden layers of 30 sigmoid neurons: 96.90 %.",
        chapter=5,
        published=96.90,
        quoted=" of the validation images",
        settings={**_SETTINGS, "layers": 2},
    ),
    dense(
        name="nielsen-ch5-3",
        about="Three hidden layers of 30 sigmoid neurons: 96.57 %.",
        chapter=5,
        published=96.57,
        quoted=" of the validation images",
        settings={**_SETTINGS, "layers": 3},
    ),
    dense(
        name="nielsen-ch5-4",
        about="Four hidden layers of 30 sigmoid neurons: 96.53 %.",
        chapter=5,
        published=96.53,
        quoted=" of the validation images",
        settings={**_SETTINGS, "layers": 4},
    ),
)
