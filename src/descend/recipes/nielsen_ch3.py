"""Nielsen's improved network: cross-entropy, L2 regularisation, smaller first weights: 98.04 %."""

from __future__ import annotations

from descend.data import scale
from descend.engine import manual_seed
from descend.models import mlp
from descend.nn import Linear, Module, Sigmoid
from descend.optim import SGD
from descend.recipes import nielsen
from descend.recipes.recipe import Expect, Network, Recipe, Settings
from descend.train.evaluate import Evaluation
from descend.train.trainer import Trainer


def network(settings: Settings) -> Module:
    """784 inputs, sigmoid neurons, 10 outputs whose sigmoid is inside the cost."""
    layers = mlp([784, settings["hidden"], 10], Sigmoid)
    nielsen.begin((layer for layer in layers if isinstance(layer, Linear)), scaled=True)
    return layers


def build(settings: Settings) -> Trainer:
    """Measured on the validation images, as in the book."""
    manual_seed(settings["seed"])
    training, validation, data = nielsen.splits(settings)
    model = network(settings)
    return Trainer(
        model,
        SGD(model.parameters(), settings["lr"]),
        nielsen.with_l2(nielsen.cross_entropy, model, settings["lmbda"], len(training)),
        nielsen.batches(training, settings),
        epochs=settings["epochs"],
        evaluation=Evaluation(validation=nielsen.measured(validation), test=nielsen.measured(data.test)),
    )


RECIPE = Recipe(
    name="nielsen-ch3",
    about="Nielsen's improved network: cross-entropy, L2 regularisation, smaller first weights: 98.04 %.",
    source="Nielsen 2015, chapter 3: 98.04 % of the validation images after 60 epochs",
    settings={
        "data": "mnist",
        "hidden": 100,
        "lr": 0.1,
        "lmbda": 5.0,
        "batch_size": 10,
        "epochs": 60,
        "seed": 0,
    },
    expect=(Expect(metric="validation_accuracy", target=0.9804, tolerance=0.004, source="Nielsen 2015, chapter 3"),),
    build=build,
    tiny={"data": "digits", "epochs": 1, "batch_size": 250},
    network=Network(build=network, input_shape=(1, 28, 28), classes=tuple("0123456789"), prepare=scale),
)
