"""What the recipes after Nielsen's book share: his data split, his layers' beginnings, his costs.

Source: Nielsen 2015, "Neural networks and deep learning", chapters 1, 3 and 6 (network.py, network2.py, network3.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from descend.data import Dataset, Loader, Split, load, on_examples, scale
from descend.engine import Tensor, ops
from descend.nn import Linear, Module, binary_cross_entropy_with_logits, init
from descend.recipes.recipe import Settings

TRAINING = 5 / 6  # of the 60,000 images he trained on the first 50,000; the rest was for validation
transform = on_examples(scale)
Cost = Callable[[Tensor, Tensor], Tensor]


def splits(settings: Settings) -> tuple[Split, Split, Dataset]:
    """Training and validation images, and the whole set they come from."""
    data = load(settings["data"])
    training, validation = data.train.split(len(data.train) - round(len(data.train) * TRAINING))
    return training, validation, data


def batches(split: Split, settings: Settings) -> Loader:
    """Shuffled mini-batches."""
    return Loader(split, settings["batch_size"], seed=settings["seed"], transform=transform)


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


def with_l2(cost: Cost, model: Module, lmbda: float, n: int) -> Cost:
    """Cost + lmbda / 2n * the sum of all squared weights, biases left alone (chapter 3, Eq. 87). n: training images."""
    weights = [p for name, p in model.named_parameters() if name.endswith("weight")]

    def regularised(outputs: Tensor, labels: Any) -> Tensor:
        squares = ops.sum(ops.square(ops.ravel(weights)))
        return cost(outputs, labels) + squares * (lmbda / (2 * n))

    return regularised
