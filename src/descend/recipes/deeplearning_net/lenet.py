"""LeNet with tanh units: 0.92 % of the test images wrong."""

from __future__ import annotations

from descend.data import scale
from descend.engine import manual_seed
from descend.nn import Conv2d, Flatten, Linear, MaxPool2d, Module, Sequential, Tanh, cross_entropy, init
from descend.recipes.deeplearning_net import tutorial
from descend.recipes.recipe import Expect, Network, Recipe, Settings
from descend.train.trainer import Trainer


def network(settings: Settings) -> Module:
    """Two convolutions of 5 x 5 with pooling, 500 units, 10 class scores that begin at 0.

    Differs: the tutorial adds the bias after pooling, which is the same function.
    """
    first, second = settings["kernels"], settings["kernels2"]
    convs = Conv2d(1, first, 5), Conv2d(first, second, 5)
    hidden, last = Linear(second * 4 * 4, settings["hidden"]), Linear(settings["hidden"], 10)
    for conv in convs:
        # Pooling quarters the outputs that an input reaches.
        fan_in, fan_out = init.fans(conv.weight.shape)
        conv.weight.write(init.uniform(conv.weight.shape, (6 / (fan_in + fan_out / 4)) ** 0.5))
    hidden.weight.write(init.glorot_uniform(hidden.weight.shape))
    last.weight.write(init.zeros(last.weight.shape))
    for layer in (*convs, hidden, last):
        layer.bias.write(init.zeros(layer.bias.shape))  # type: ignore[union-attr]
    bodies = [part for conv in convs for part in (conv, MaxPool2d(2), Tanh())]
    return Sequential(*bodies, Flatten(), hidden, Tanh(), last)


def build(settings: Settings) -> Trainer:
    """Log-likelihood alone: the pooling is all the regularisation there is."""
    manual_seed(settings["seed"])
    return tutorial.trainer(network(settings), cross_entropy, settings)


RECIPE = Recipe(
    name="deeplearning-net-lenet",
    about="LeNet with 20 and 50 kernels and tanh units: 0.92 % errors.",
    source=f"{tutorial.SOURCE}, convolutional networks: 0.92 % errors after 200 epochs",
    settings={
        "data": "mnist",
        "kernels": 20,
        "kernels2": 50,
        "hidden": 500,
        "lr": 0.1,
        "batch_size": 500,
        "epochs": 200,
        "seed": 0,
    },
    expect=(Expect(metric="test_accuracy", target=1 - 0.0092, tolerance=0.0015, source=tutorial.SOURCE),),
    build=build,
    tiny={"data": "digits", "epochs": 1, "batch_size": 250},
    network=Network(build=network, input_shape=(1, 28, 28), classes=tuple("0123456789"), prepare=scale),
)
