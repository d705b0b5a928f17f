"""What the recipes after Nielsen's book share: his data split, his layers' beginnings, his costs, his training.

Source: Nielsen 2015, "Neural networks and deep learning" (network.py, network2.py, network3.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.data import Dataset, Loader, Split, load, on_examples, scale
from descend.engine import Tensor, ops
from descend.nn import Linear, Module, binary_cross_entropy_with_logits, init
from descend.optim import SGD
from descend.recipes.recipe import Settings
from descend.train.evaluate import Evaluation
from descend.train.trainer import Trainer

TRAINING = 5 / 6  # of the 60,000 images he trained on the first 50,000; the rest was for validation
transform = on_examples(scale)
Cost = Callable[[Tensor, Tensor], Tensor]


def splits(settings: Settings) -> tuple[Split, Split, Dataset]:
    """Training and validation images, and the whole set they come from. `images`: the first so many alone; 0: all."""
    data = load(settings["data"])
    training, validation = data.train.split(len(data.train) - round(len(data.train) * TRAINING))
    return training.take(settings.get("images") or len(training)), validation, data


def expanded(split: Split) -> Split:
    """Every image, and it shifted by one pixel up, down, left and right: five times as many (expand_mnist.py).

    What leaves the picture is lost; black comes in. Shapes: x (n, c, h, w) to (5 n, c, h, w).
    """
    moved = [split.x, *[shifted(split.x, axis, by) for axis in (2, 3) for by in (-1, 1)]]
    return Split(np.concatenate(moved), np.tile(split.y, len(moved)))


def shifted(x: NDArray[Any], axis: int, by: int) -> NDArray[Any]:
    """The images moved by one pixel along an axis, backwards or forwards."""
    moved = np.roll(x, by, axis)
    gone = [slice(None)] * x.ndim
    gone[axis] = slice(-1, None) if by < 0 else slice(0, 1)
    moved[tuple(gone)] = 0
    return moved


def plain_descent(model: Module, cost: Cost, training: Split, settings: Settings, evaluation: Evaluation) -> Trainer:
    """Stochastic gradient descent with one learning rate throughout, as everywhere in the book."""
    batches = Loader(training, settings["batch_size"], seed=settings["seed"], transform=transform)
    return Trainer(
        model,
        SGD(model.parameters(), settings["lr"]),
        cost,
        batches,
        epochs=settings["epochs"],
        evaluation=evaluation,
    )


def measured(split: Split) -> Loader:
    """The split in order, in batches for measuring."""
    return Loader(split, 500, shuffle=False, transform=transform)


def begin(layers: Iterable[Linear], scaled: bool) -> None:
    """Weights and biases standard normal; `scaled` divides the weights by sqrt(fan_in) (chapter 3)."""
    for layer in layers:
        std = layer.weight.shape[1] ** -0.5 if scaled else 1.0
        layer.weight.write(init.normal(layer.weight.shape, std))
        if layer.bias is not None:
            layer.bias.write(init.normal(layer.bias.shape))


def quadratic(activations: Tensor, labels: Any) -> Tensor:
    """1/2 |a - one_hot(label)|², averaged over the batch (chapter 1, Eq. 6)."""
    gap = activations - ops.one_hot(labels, activations.shape[-1])
    return ops.sum(ops.square(gap)) * (0.5 / len(activations))


def cross_entropy(logits: Tensor, labels: Any) -> Tensor:
    """-(t log a + (1 - t) log(1 - a)) summed over the outputs a = σ(logit), averaged over the batch.

    Source: chapter 3, Eq. 63.
    """
    outputs = logits.shape[-1]
    return binary_cross_entropy_with_logits(logits, ops.one_hot(labels, outputs)) * outputs


def with_l2(cost: Cost, model: Module, strength: float) -> Cost:
    """Cost + strength / 2 * the sum of all squared weights, biases left alone (chapter 3, Eq. 87).

    The strength is lmbda / n for n training images in chapter 3, and lmbda / (number of mini-batches) in network3.py.
    """
    weights = [p for name, p in model.named_parameters() if name.endswith("weight")]

    def regularised(outputs: Tensor, labels: Any) -> Tensor:
        return cost(outputs, labels) + ops.sum(ops.square(ops.ravel(weights))) * (strength / 2)

    return regularised if strength else cost
