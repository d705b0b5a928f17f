"""Chapter 5: deeper networks of sigmoid neurons, which learn no better, and the gradients that vanish in them."""

from __future__ import annotations

from descend.recipes.nielsen.dense import dense

RECIPES = (
    dense(
        name="nielsen-ch5-1",
        about="One hidden layer of 30 sigmoid neurons: 96.48 %.",
        chapter=5,
        published=96.48,
        quoted=" of the validation images",
        settings={"lr": 0.1, "lmbda": 5.0, "test_each_epoch": False},
    ),
    dense(
        name="nielsen-ch5-2",
        about="Two hidden layers of 30 sigmoid neurons: 96.90 %.",
        chapter=5,
        published=96.90,
        quoted=" of the validation images",
        settings={"lr": 0.1, "lmbda": 5.0, "test_each_epoch": False, "layers": 2},
    ),
    dense(
        name="nielsen-ch5-3",
        about="Three hidden layers of 30 sigmoid neurons: 96.57 %.",
        chapter=5,
        published=96.57,
        quoted=" of the validation images",
        settings={"lr": 0.1, "lmbda": 5.0, "test_each_epoch": False, "layers": 3},
    ),
    dense(
        name="nielsen-ch5-4",
        about="Four hidden layers of 30 sigmoid neurons: 96.53 %.",
        chapter=5,
        published=96.53,
        quoted=" of the validation images",
        settings={"lr": 0.1, "lmbda": 5.0, "test_each_epoch": False, "layers": 4},
    ),
)
