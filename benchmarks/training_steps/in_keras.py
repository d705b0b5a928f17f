"""The workloads that Keras's own layers and `train_on_batch` can express, with the weights of ours.

The others need a loss of several outputs, two players or names of weights that Keras's layers do not have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.training_steps.workload import Workload

Begin = Mapping[str, np.ndarray]


def perceptron(begin: Begin, activation: str) -> list[Any]:
    from keras import layers

    names = [name.removesuffix(".bias") for name in begin if name.endswith(".bias")]
    inner = [layers.Dense(len(begin[f"{name}.bias"]), activation, name=name) for name in names[:-1]]
    return [*inner, layers.Dense(len(begin[f"{names[-1]}.bias"]), name=names[-1])]


def lenet(begin: Begin) -> list[Any]:
    from keras import layers

    found = [layers.Permute((2, 3, 1))]
    for name in ("0", "3"):
        found += [layers.Conv2D(len(begin[f"{name}.bias"]), 5, padding="same", activation="relu", name=name)]
        found += [layers.MaxPooling2D()]
    middle = layers.Dense(len(begin["7.bias"]), "relu", name="7")
    return [*found, *_rows(), middle, layers.Dense(10, name="9")]


def vgg(begin: Begin) -> list[Any]:
    from keras import layers

    found = [layers.Permute((2, 3, 1))]
    last = max(int(name.split(".")[0]) for name in begin)
    for name in (stage + at for stage in range(0, last - 1, 7) for at in (0, 3)):
        found += [layers.Conv2D(len(begin[f"{name}.bias"]), 3, padding="same", name=f"{name}")]
        found += [layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name + 1}"), layers.ReLU()]
        found += [layers.MaxPooling2D()] if name % 7 else []
    return [*found, *_rows(), layers.Dense(10, name=f"{last}")]


def _rows() -> list[Any]:
    """Images as rows, channels first, as the weights behind expect them."""
    from keras import layers

    return [layers.Permute((3, 1, 2)), layers.Flatten()]


NETWORKS: dict[str, Callable[[Begin], list[Any]]] = {
    "small": lambda begin: perceptron(begin, "tanh"),
    "mlp": lambda begin: perceptron(begin, "relu"),
    "lenet": lenet,
    "vgg": vgg,
}


def stepping(name: str, work: Workload, begin: Begin) -> Callable[[], float]:
    """The step of a workload from these weights on: it gives the loss."""
    import keras

    x, y = work.data()
    model = keras.Sequential([keras.Input(x.shape[1:]), *NETWORKS[name](begin)])
    for layer in model.layers:
        if f"{layer.name}.weight" in begin:
            layer.set_weights([*_mapped(layer.name, begin)])
    labels = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    loss = "mean_squared_error" if y.dtype.kind == "f" else labels
    model.compile(keras.optimizers.Adam(work.learning_rate, epsilon=1e-8), loss)

    def step() -> float:
        model.reset_metrics()
        return float(model.train_on_batch(x, y))

    return step


def _mapped(name: str, begin: Begin) -> list[np.ndarray]:
    """A layer's weights as Keras has them: matrices and taps the other way round."""
    parts = [begin[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
             if f"{name}.{part}" in begin]  # fmt: skip
    first = parts[0].T if parts[0].ndim == 2 else parts[0].transpose(2, 3, 1, 0) if parts[0].ndim == 4 else parts[0]
    return [first, *parts[1:]]
