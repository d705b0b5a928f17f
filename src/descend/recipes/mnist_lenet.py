"""LeNet reads handwritten digits: a small convolutional network, above 99 % in minutes on two cores."""

from __future__ import annotations

from descend.data import Loader, load, on_examples, scale
from descend.engine import manual_seed
from descend.models import LeNet
from descend.nn import Module, cross_entropy
from descend.optim import Adam, CosineSchedule
from descend.recipes.recipe import Expect, Network, Recipe, Settings
from descend.train.evaluate import Evaluation
from descend.train.trainer import Trainer


def network(settings: Settings) -> Module:
    """16 and 32 kernels, 128 hidden units."""
    return LeNet(dropout=settings["dropout"])


def build(settings: Settings) -> Trainer:
    """Adam, warmed up over half an epoch, then down a cosine; a tenth of the images is kept for validation."""
    manual_seed(settings["seed"])
    data = load(settings["data"])
    training, validation = data.train.split(len(data.train) // 10)
    transform = on_examples(scale)
    batches = Loader(training, settings["batch_size"], seed=settings["seed"], transform=transform)
    model = network(settings)
    optimizer = Adam(model.parameters(), settings["lr"])
    return Trainer(
        model,
        optimizer,
        cross_entropy,
        batches,
        epochs=settings["epochs"],
        schedule=CosineSchedule(optimizer, settings["epochs"] * len(batches), warmup=len(batches) // 2),
        evaluation=Evaluation(
            validation=Loader(validation, 500, shuffle=False, transform=transform),
            test=Loader(data.test, 500, shuffle=False, transform=transform),
        ),
    )


RECIPE = Recipe(
    name="mnist-lenet",
    about="LeNet reads handwritten digits: a small convolutional network, above 99 % in minutes on two cores.",
    source="LeCun, Bottou, Bengio, Haffner 1998, Fig. 2 (0.95 % test error without distortions, Fig. 9)",
    settings={"data": "mnist", "lr": 3e-3, "batch_size": 100, "dropout": 0.4, "epochs": 10, "seed": 0},
    expect=(
        Expect(metric="test_accuracy", at_least=0.99, published=0.9905, source="LeCun et al. 1998, Fig. 9: 99.05 %"),
    ),
    build=build,
    tiny={"data": "digits", "epochs": 1, "batch_size": 500},
    network=Network(build=network, input_shape=(1, 28, 28), classes=tuple("0123456789"), prepare=scale),
)
