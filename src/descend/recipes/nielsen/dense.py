"""Nielsen's networks of sigmoid neurons, of any depth: what chapters 1, 3 and 5 train."""

from __future__ import annotations

from descend.data import scale
from descend.engine import manual_seed
from descend.models import mlp
from descend.nn import Linear, Module, Sequential, Sigmoid
from descend.recipes.nielsen import book
from descend.recipes.recipe import Expect, Network, Recipe, Setting, Settings
from descend.train.evaluate import Evaluation
from descend.train.trainer import Trainer

NEAR = 0.004  # two runs of one network in the book differ by about as much


def network(settings: Settings) -> Module:
    """784 inputs, layers of sigmoid neurons, 10 outputs; the cross-entropy has their sigmoid inside it."""
    layers = mlp([784, *[settings["hidden"]] * settings["layers"], 10], Sigmoid)
    book.begin((layer for layer in layers if isinstance(layer, Linear)), scaled=settings["scaled"])
    return Sequential(*layers, Sigmoid()) if settings["cost"] == "quadratic" else layers


def build(settings: Settings) -> Trainer:
    """Chosen and measured as in the book: on the test images after every epoch, or on the validation images."""
    manual_seed(settings["seed"])
    training, validation, data = book.splits(settings)
    model = network(settings)
    cost = book.quadratic if settings["cost"] == "quadratic" else book.cross_entropy
    each_epoch = bool(settings["test_each_epoch"])
    return book.plain_descent(
        model,
        book.with_l2(cost, model, settings["lmbda"] / len(training)),
        training,
        settings,
        Evaluation(
            validation=None if each_epoch else book.measured(validation),
            test=book.measured(data.test),
            test_each_epoch=each_epoch,
        ),
    )


def dense(
    *, name: str, about: str, chapter: int, published: float, quoted: str = "", settings: dict[str, Setting]
) -> Recipe:
    """One row of the book's results.

    Args:
        published: the accuracy in percent; the best of all epochs where the test images are measured after each.
        quoted: what the book says beside the number.
        settings: what differs from 30 hidden sigmoid neurons, trained for 30 epochs in batches of 10.
    """
    every: dict[str, Setting] = {
        "data": "mnist", "images": 0, "hidden": 30, "layers": 1, "scaled": True, "cost": "cross-entropy", "lr": 0.5,
        "lmbda": 0.0, "batch_size": 10, "epochs": 30, "test_each_epoch": True, "seed": 0,
        **settings,
    }  # fmt: skip
    source = f"Nielsen 2015, chapter {chapter}"
    metric = "best_test_accuracy" if every["test_each_epoch"] else "validation_accuracy"
    return Recipe(
        name=name,
        about=about,
        source=f"{source}: {published:.2f} %{quoted}",
        settings=every,
        expect=(Expect(metric=metric, target=published / 100, tolerance=NEAR, source=source),),
        build=build,
        tiny={"data": "digits", "images": 500, "epochs": 1, "batch_size": 250},
        network=Network(build=network, input_shape=(1, 28, 28), classes=tuple("0123456789"), prepare=scale),
    )
