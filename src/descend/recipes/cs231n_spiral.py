"""CS231n's case study: a softmax classifier, then a two-layer network, on three spiral arms."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from descend.engine import Tensor, manual_seed, no_grad, ops
from descend.nn import Linear, Module, ReLU, Sequential, cross_entropy, init
from descend.optim import SGD
from descend.recipes.demonstration import Demonstration
from descend.recipes.recipe import Expect, Recipe, Settings

SOURCE = "Stanford CS231n, neural networks case study"
CLASSES = 3


def spiral(n: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Three arms of a spiral with n points on each. Shapes: x (3 n, 2), y (3 n,).

    Radius 0 to 1, angle 4 k to 4 k + 4 for arm k, with normal noise of 0.2 on the angle. Seed 0 gives the
    points of the case study itself, which come from NumPy's old generator; straight lines fit other draws
    better, by 0.03.
    """
    radius = np.tile(np.linspace(0, 1, n), CLASSES)
    arms = np.repeat(np.arange(CLASSES), n)
    angle = 4 * arms + 4 * radius + 0.2 * np.random.RandomState(seed).standard_normal(CLASSES * n)
    x = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    return x.astype(np.float32), arms.astype(np.int64)


def loss(model: Module, x: Tensor, y: Tensor, reg: float) -> Tensor:
    """Cross-entropy + reg / 2 * the sum of all squared weights, biases left alone."""
    weights = [p for name, p in model.named_parameters() if name.endswith("weight")]
    return cross_entropy(model(x), y) + 0.5 * reg * ops.sum(ops.square(ops.ravel(weights)))


def train(model: Module, x: Tensor, y: Tensor, settings: Settings, steps: int) -> tuple[float, float, float]:
    """Full-batch gradient descent: the first loss, the last, the accuracy on the points it learned from."""
    optimizer = SGD(model.parameters(), settings["lr"])
    losses = []
    for _ in range(steps):
        value = loss(model, x, y, settings["reg"])
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    with no_grad():
        accuracy = float((model(x).argmax() == y).to(np.float32).mean().item())
    return losses[0], losses[-1], accuracy


def small(layer: Linear) -> Linear:
    """The layer with weights of 0.01 * standard normal and biases 0, as in the case study."""
    layer.weight.write(init.normal(layer.weight.shape, 0.01))
    if layer.bias is not None:
        layer.bias.write(init.zeros(layer.bias.shape))
    return layer


def values(settings: Settings) -> Mapping[str, float]:
    """Both classifiers, on the same points."""
    manual_seed(settings["seed"])
    arrays = spiral(settings["points"], settings["points_seed"])
    x, y = (Tensor(a) for a in arrays)
    straight = train(small(Linear(2, CLASSES)), x, y, settings, settings["softmax_steps"])
    hidden = settings["hidden"]
    network = Sequential(small(Linear(2, hidden)), ReLU(), small(Linear(hidden, CLASSES)))
    bent = train(network, x, y, settings, settings["network_steps"])
    names = ("first_loss", "loss", "accuracy")
    found = {f"softmax_{name}": value for name, value in zip(names, straight, strict=True)}
    return found | {f"network_{name}": value for name, value in zip(names, bent, strict=True)}


def build(settings: Settings) -> Demonstration:
    """The two trainings, a few seconds."""
    return Demonstration(lambda: values(settings))


RECIPE = Recipe(
    name="cs231n-spiral",
    about="CS231n's case study: a softmax classifier, then a two-layer network, on three spiral arms.",
    source=SOURCE,
    settings={
        "points": 100,
        "points_seed": 0,
        "hidden": 100,
        "lr": 1.0,
        "reg": 1e-3,
        "softmax_steps": 200,
        "network_steps": 10_000,
        "seed": 0,
    },
    expect=(
        Expect(metric="softmax_first_loss", target=math.log(CLASSES), tolerance=0.01, source=SOURCE),
        Expect(metric="softmax_loss", target=0.786, tolerance=0.03, source=SOURCE),
        Expect(metric="softmax_accuracy", target=0.49, tolerance=0.03, source=SOURCE),
        Expect(metric="network_loss", target=0.245, tolerance=0.03, source=SOURCE),
        Expect(metric="network_accuracy", target=0.98, tolerance=0.01, source=SOURCE),
    ),
    build=build,
    tiny={"network_steps": 50},
    trains=False,
)
