"""A network with one hidden layer on the digits that come with descend, in a few seconds."""

from __future__ import annotations

from descend.data import Loader, load, on_examples, scale
from descend.engine import manual_seed
from descend.models import mlp
from descend.nn import Module, cross_entropy
from descend.optim import SGD
from descend.recipes.recipe import Expect, Network, Recipe, Settings
from descend.train.evaluate import Evaluation
from descend.train.trainer import Trainer


def network(settings: Settings) -> Module:
    """784 inputs, one hidden layer, 10 class scores."""
    return mlp([784, settings["hidden"], 10])


def build(settings: Settings) -> Trainer:
    """Plain gradient descent on mini-batches; a tenth of the training images is for validation."""
    manual_seed(settings["seed"])
    data = load(settings["data"])
    training, validation = data.train.split(len(data.train) // 10)
    transform = on_examples(scale)
    model = network(settings)
    return Trainer(
        model,
        SGD(model.parameters(), settings["lr"]),
        cross_entropy,
        Loader(training, settings["batch_size"], seed=settings["seed"], transform=transform),
        epochs=settings["epochs"],
        evaluation=Evaluation(
            validation=Loader(validation, 500, shuffle=False, transform=transform),
            test=Loader(data.test, 500, shuffle=False, transform=transform),
        ),
    )


RECIPE = Recipe(
    name="digits-mlp",
    about="A network with one hidden layer on the digits that come with descend, in a few seconds.",
    source="this course, Exercise 0",
    settings={"data": "digits", "hidden": 100, "lr": 0.3, "batch_size": 32, "epochs": 12, "seed": 0},
    expect=(Expect(metric="test_accuracy", at_least=0.92, source="measured here over seeds 0 to 4"),),
    build=build,
    tiny={"epochs": 1, "hidden": 16, "batch_size": 250},
    network=Network(build=network, input_shape=(1, 28, 28), classes=tuple("0123456789"), prepare=scale),
)
