"""Nielsen's first network: 30 sigmoid neurons, quadratic cost, plain gradient descent: 95.42 %."""

from __future__ import annotations

from descend.data import scale
from descend.engine import manual_seed
from descend.models import mlp
from descend.nn import Linear, Module, Sequential, Sigmoid
from descend.optim import SGD
from descend.recipes import nielsen
from descend.recipes.recipe import Expect, Network, Recipe, Settings
from descend.train.evaluate import Evaluation
from descend.train.trainer import Trainer


def network(settings: Settings) -> Module:
    """784 inputs, sigmoid neurons, 10 sigmoid outputs."""
    layers = mlp([784, settings["hidden"], 10], Sigmoid)
    nielsen.begin((layer for layer in layers if isinstance(layer, Linear)), scaled=False)
    return Sequential(*layers, Sigmoid())


def build(settings: Settings) -> Trainer:
    """Tested after every epoch, as in the book, which reports the best of them."""
    manual_seed(settings["seed"])
    training, _, data = nielsen.splits(settings)
    model = network(settings)
    return Trainer(
        model,
        SGD(model.parameters(), settings["lr"]),
        nielsen.quadratic,
        nielsen.batches(training, settings),
        epochs=settings["epochs"],
        evaluation=Evaluation(test=nielsen.measured(data.test), test_each_epoch=True),
    )


RECIPE = Recipe(
    name="nielsen-ch1",
    about="Nielsen's first network: 30 sigmoid neurons, quadratic cost, plain gradient descent: 95.42 %.",
    source="Nielsen 2015, chapter 1: 95.42 % at its peak, in epoch 28",
    settings={"data": "mnist", "hidden": 30, "lr": 3.0, "batch_size": 10, "epochs": 30, "seed": 0},
    expect=(Expect(metric="best_test_accuracy", target=0.9542, tolerance=0.004, source="Nielsen 2015, chapter 1"),),
    build=build,
    tiny={"data": "digits", "epochs": 1, "batch_size": 250},
    network=Network(build=network, input_shape=(1, 28, 28), classes=tuple("0123456789"), prepare=scale),
)
