"""Chapter 1: sigmoid neurons, quadratic cost, plain gradient descent."""

from __future__ import annotations

from descend.recipes.nielsen.dense import dense

RECIPES = (
    dense(
        name="nielsen-ch1",
        about="Nielsen's first network: 30 sigmoid neurons, quadratic cost, plain gradient descent: 95.42 %.",
        chapter=1,
        published=95.42,
        quoted=" at its peak, in epoch 28",
        settings={"cost": "quadratic", "scaled": False, "lr": 3.0},
    ),
    dense(
        name="nielsen-ch1-100",
        about="Nielsen's first network with 100 hidden neurons: 96.59 %.",
        chapter=1,
        published=96.59,
        settings={"cost": "quadratic", "scaled": False, "lr": 3.0, "hidden": 100},
    ),
)
