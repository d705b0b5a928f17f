"""A multi-layer perceptron: 1.65 % of the test images wrong."""

from __future__ import annotations

from typing import Any

from descend.data import scale
from descend.engine import Tensor, manual_seed, ops
from descend.nn import Flatten, Linear, Module, Sequential, Tanh, cross_entropy, init
from descend.recipes.deeplearning_net import tutorial
from descend.recipes.recipe import Expect, Network, Recipe, Settings
from descend.train.trainer import Trainer


def network(settings: Settings) -> Module:
    """784 inputs, tanh units begun after Glorot, 10 class scores that begin at 0."""
    hidden, last = Linear(784, settings["hidden"]), Linear(settings["hidden"], 10)
    hidden.weight.write(init.glorot_uniform(hidden.weight.shape))
    last.weight.write(init.zeros(last.weight.shape))
    for layer in (hidden, last):
        layer.bias.write(init.zeros(layer.bias.shape))  # type: ignore[union-attr]
    return Sequential(Flatten(), hidden, Tanh(), last)


def build(settings: Settings) -> Trainer:
    """Log-likelihood and the sum of all squared weights, not halved."""
    manual_seed(settings["seed"])
    model = network(settings)
    weights = [p for name, p in model.named_parameters() if name.endswith("weight")]

    def cost(scores: Tensor, labels: Any) -> Tensor:
        decay: Tensor = ops.sum(ops.square(ops.ravel(weights))) * settings["l2"]
        return cross_entropy(scores, labels) + decay

    return tutorial.trainer(model, cost, settings)


RECIPE = Recipe(
    name="deeplearning-net-mlp",
    about="500 tanh units between pixels and classes: 1.65 % errors after 828 epochs.",
    source=f"{tutorial.SOURCE}, multilayer perceptron: 1.65 % errors after 828 epochs",
    settings={
        "data": "mnist",
        "hidden": 500,
        "lr": 0.01,
        "l2": 1e-4,
        "batch_size": 20,
        "epochs": 828,
        "seed": 0,
    },
    expect=(Expect(metric="test_accuracy", target=1 - 0.0165, tolerance=0.0015, source=tutorial.SOURCE),),
    build=build,
    tiny={"data": "digits", "epochs": 1, "batch_size": 250},
    network=Network(build=network, input_shape=(1, 28, 28), classes=tuple("0123456789"), prepare=scale),
)
