"""Chapter 6: convolutional networks, rectified linear units, a larger training set, dropout, five networks that vote.

Differs: network3.py reports the test accuracy of the epoch with the best validation accuracy; here it is that of the
last epoch. The networks that vote see the same batches; they differ in their first weights and in their dropout.
"""

from __future__ import annotations

from descend.data import scale
from descend.engine import manual_seed
from descend.models import Voting, of_each
from descend.nn import (
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
    Sigmoid,
    cross_entropy,
    init,
)  # fmt: skip
from descend.recipes.nielsen import book
from descend.recipes.recipe import Expect, Network, Recipe, Setting, Settings
from descend.train.evaluate import Evaluation
from descend.train.trainer import Trainer

SOURCE = "Nielsen 2015, chapter 6"
NEAR = 0.0015  # runs of one network differ by about 0.1 %


def network(settings: Settings) -> Module:
    """The network of a row, or as many of them as vote."""
    members = settings.get("members", 1)
    return Voting([_member(settings) for _ in range(members)]) if members > 1 else _member(settings)


def _member(settings: Settings) -> Module:
    """Up to two convolutions with pooling, one or two layers of neurons, 10 class scores that begin at 0."""
    activation = ReLU if settings["relu"] else Sigmoid
    parts: list[Module] = []
    channels, side = 1, 28
    for kernels in (20, 40)[: settings["convolutions"]]:
        conv, side = Conv2d(channels, kernels, 5), (side - 4) // 2
        # network3.py's n_out: the outputs that an input reaches, after 2 x 2 pooling
        _begin(conv, (kernels * 5 * 5 / 4) ** -0.5)
        parts += [conv, MaxPool2d(2), activation()]
        channels = kernels
    parts.append(Flatten())
    width = channels * side * side
    for _ in range(settings["layers"]):
        layer = Linear(width, settings["hidden"])
        _begin(layer, settings["hidden"] ** -0.5)
        parts += [*_dropout(settings), layer, activation()]
        width = settings["hidden"]
    last = Linear(width, 10)
    for parameter in last.parameters():
        parameter.write(init.zeros(parameter.shape))
    return Sequential(*parts, *_dropout(settings), last)


def _begin(layer: Conv2d | Linear, std: float) -> None:
    layer.weight.write(init.normal(layer.weight.shape, std))
    layer.bias.write(init.normal(layer.bias.shape))  # type: ignore[union-attr]


def _dropout(settings: Settings) -> list[Module]:
    return [Dropout(settings["dropout"])] if settings["dropout"] else []


def build(settings: Settings) -> Trainer:
    """Gradient descent on the log-likelihood, with L2 in network3.py's measure: lmbda over the number of batches."""
    manual_seed(settings["seed"])
    training, validation, data = book.splits(settings)
    if settings["expanded"]:
        training = book.expanded(training)
    model = network(settings)
    batches = len(training) / settings["batch_size"]
    # The mean over the members has a part of each one's gradient: so much longer must a step be.
    members = settings.get("members", 1)
    return book.plain_descent(
        model,
        book.with_l2(of_each(cross_entropy), model, settings["lmbda"] / batches / members),
        training,
        {**settings, "lr": settings["lr"] * members},
        Evaluation(validation=book.measured(validation), test=book.measured(data.test)),
    )


def _few(settings: Settings) -> dict[str, Setting]:
    return {"members": 2} if "members" in settings else {}


def row(*, name: str, about: str, published: float, settings: dict[str, Setting]) -> Recipe:
    """One row of the chapter's results.

    Args:
        published: the accuracy on the test images, in percent.
        settings: what differs from 100 sigmoid neurons, trained for 60 epochs in batches of 10.
    """
    every: dict[str, Setting] = {
        "data": "mnist", "images": 0, "convolutions": 0, "layers": 1, "hidden": 100, "relu": False, "dropout": 0.0,
        "lr": 0.1, "lmbda": 0.0, "expanded": False, "batch_size": 10, "epochs": 60, "seed": 0,
        **settings,
    }  # fmt: skip
    share = published / 100
    source = f"{SOURCE}: {published:.2f} %, less 0.15 %"
    bound = Expect(metric="test_accuracy", at_least=share - NEAR, published=share, source=source)
    return Recipe(
        name=name,
        about=about,
        source=f"{SOURCE}: {published:.2f} % of the test images",
        settings=every,
        expect=(bound,),
        build=build,
        tiny={"data": "digits", "images": 500, "epochs": 1, "batch_size": 250, "hidden": 30, **_few(settings)},
        network=Network(build=network, input_shape=(1, 28, 28), classes=tuple("0123456789"), prepare=scale),
    )


_BEST: dict[str, Setting] = {
    "convolutions": 2,
    "relu": True,
    "lr": 0.03,
    "expanded": True,
    "layers": 2,
    "hidden": 1000,
    "dropout": 0.5,
    "epochs": 40,
}

RECIPES = (
    row(
        name="nielsen-ch6-shallow",
        about="One layer of 100 sigmoid neurons under a softmax: 97.80 %.",
        published=97.80,
        settings={},
    ),
    row(
        name="nielsen-ch6-conv",
        about="Nielsen's first convolutional network: 20 kernels, pooling, 100 sigmoid neurons, softmax: 98.78 %.",
        published=98.78,
        settings={"convolutions": 1},
    ),
    row(
        name="nielsen-ch6-two-conv",
        about="A second convolution, of 40 kernels: 99.06 %.",
        published=99.06,
        settings={"convolutions": 2},
    ),
    row(
        name="nielsen-ch6-relu",
        about="Two convolutions with rectified linear units and L2 regularisation: 99.23 %.",
        published=99.23,
        settings={"convolutions": 2, "relu": True, "lr": 0.03, "lmbda": 0.1},
    ),
    row(
        name="nielsen-ch6-expanded",
        about="The same on five times the images, each also shifted by a pixel in four directions: 99.37 %.",
        published=99.37,
        settings={"convolutions": 2, "relu": True, "lr": 0.03, "lmbda": 0.1, "expanded": True},
    ),
    row(
        name="nielsen-ch6-dropout",
        about="Two layers of 1,000 units with dropout, on the expanded images: 99.60 %.",
        published=99.60,
        settings=_BEST,
    ),
    row(
        name="nielsen-ch6-ensemble",
        about="Five networks with dropout on the expanded images, which vote: 99.67 %.",
        published=99.67,
        settings={**_BEST, "members": 5},
    ),
)
