"""Chapter 5, the vanishing gradient: how long the gradient of each layer's biases is before any training.

Averaged over many draws of the first weights, because one draw moves the lengths by half.
"""

from __future__ import annotations

import numpy as np

from descend.data import scale
from descend.engine import from_numpy, manual_seed
from descend.recipes.demonstration import Demonstration
from descend.recipes.nielsen import book, dense
from descend.recipes.recipe import Expect, Recipe, Settings

SOURCE = "Nielsen 2015, chapter 5"
PUBLISHED = {2: (0.07, 0.31), 3: (0.012, 0.060, 0.283), 4: (0.003, 0.017, 0.070, 0.285)}
_EXAMPLE = {"hidden": 30, "scaled": True, "cost": "cross-entropy"}


def lengths(settings: Settings, layers: int, seed: int) -> list[float]:
    """The length of the gradient of the biases of each hidden layer, first to last, for one draw of the weights."""
    manual_seed(seed)
    model = dense.network({**_EXAMPLE, "layers": layers})
    training, _, _ = book.splits(settings)
    images, labels = scale(training.x[: settings["images"]]), training.y[: settings["images"]]
    book.cross_entropy(model(from_numpy(images)), from_numpy(labels)).backward()
    biases = [p for name, p in model.named_parameters() if name.endswith("bias")]
    return [float(np.linalg.norm(bias.grad.numpy())) for bias in biases[:-1] if bias.grad is not None]


def values(settings: Settings) -> dict[str, float]:
    """The mean length in every layer of every depth, and whether the earlier layer always has the shorter one."""
    found, ordered = dict[str, float](), []
    for layers in PUBLISHED:
        drawn = np.array([lengths(settings, layers, settings["seed"] + draw) for draw in range(settings["draws"])])
        found |= {f"{layers}_layers_{i}": value for i, value in enumerate(drawn.mean(axis=0), start=1)}
        ordered.append(np.all(np.diff(drawn, axis=1) > 0))
    return found | {"earlier_is_shorter": float(np.mean(ordered))}


def _near(name: str, value: float) -> Expect:
    # His numbers are of one draw; single draws lie within a factor of two of their mean.
    return Expect(metric=name, at_least=value / 2, at_most=value * 2, published=value, source=SOURCE)


RECIPE = Recipe(
    name="nielsen-ch5-gradients",
    about="The vanishing gradient: its length in each layer of 2, 3 and 4 layers of sigmoid neurons.",
    source=f"{SOURCE}: 0.07 and 0.31; 0.012, 0.060 and 0.283; 0.003, 0.017, 0.070 and 0.285",
    settings={"data": "mnist", "images": 1000, "draws": 20, "seed": 0},
    expect=(
        *[_near(f"{n}_layers_{i}", value) for n, row in PUBLISHED.items() for i, value in enumerate(row, start=1)],
        Expect(metric="earlier_is_shorter", at_least=1.0, source=SOURCE),
    ),
    build=lambda settings: Demonstration(lambda: values(settings)),
    tiny={"data": "digits", "images": 100, "draws": 2},
    trains=False,
)
