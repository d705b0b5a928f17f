"""Measuring a model without changing it: evaluation mode, no recording, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from descend.data import Loader, Split
from descend.engine import Tensor, from_numpy
from descend.nn import Module
from descend.nn.inspection import evaluating
from descend.train import checks
from descend.train.metrics import Mean, Metric, accuracy, measure

_BATCH = 256  # examples of a split that go through a model at once

Array = NDArray[Any]
Loss = Callable[[Tensor, Tensor], Tensor]
Outputs = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""From a batch (x, y) to what the model gives out and its loss."""


class Batches(Protocol):
    """What is trained or measured on: `data.Loader`, or anything else that gives batches."""

    def __len__(self) -> int:
        """Batches in an epoch."""

    def epoch(self, epoch: int, start: int = 0, /) -> Iterator[tuple[Array, Array]]:
        """The batches (x, y) of an epoch, counted from 0, from batch `start` on: always the same ones.

        Arrays that were given out are not written to any more.
        """


@dataclass(frozen=True)
class Evaluation:
    """What is measured, on which data, and when.

    Attributes:
        validation: measured after every epoch; what is chosen is chosen on it.
        test: measured once, after the last epoch.
        metrics: functions of (logits, labels) that give a number for each example, by name.
        test_each_epoch: measure the test data after every epoch too, as some published recipes do. The best
            accuracy is then reported as `best_test_accuracy`: chosen on the test data, so it flatters.

    Raises UsageError where the data are no batches, or the metrics have no names.
    """

    validation: Batches | None = None
    test: Batches | None = None
    metrics: Mapping[str, Metric] = field(default_factory=lambda: {"accuracy": accuracy})
    test_each_epoch: bool = False

    def __post_init__(self) -> None:
        checks.kind(self.metrics, Mapping, "a dict of metrics by name")
        for batches in (self.validation, self.test):
            if batches is not None:
                checks.batches(batches)

    def after_epoch(self) -> dict[str, Batches]:
        """The splits to measure after an epoch, by name."""
        splits = {"validation": self.validation, "test": self.test if self.test_each_epoch else None}
        return {name: batches for name, batches in splits.items() if batches is not None}

    def after_all(self) -> dict[str, Batches]:
        """The splits to measure at the end, by name."""
        return {"test": self.test} if self.test is not None and not self.test_each_epoch else {}


def outputs_of(model: Module, loss: Loss) -> Outputs:
    """(x, y) -> the model's outputs and their loss, as a function of the batch alone, so that it can be compiled."""

    def outputs(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        logits = model(x)
        return logits, loss(logits, y)

    return outputs


def evaluate(
    model: Module, loss: Loss, batches: Batches, metrics: Mapping[str, Metric], outputs: Outputs | None = None
) -> dict[str, float]:
    """The mean over all examples of the loss and of every metric. The model is left as it was.

    `loss` must be a mean over the examples of its batch, as all losses of `nn` are. `outputs` stands for
    `outputs_of(model, loss)`, compiled for example.
    Raises ShapeError where a metric does not give one number for each example.
    """
    checks.batches(batches)
    outputs = outputs or outputs_of(model, loss)
    means = {name: Mean() for name in ("loss", *metrics)}
    with evaluating(model):
        for x, y in batches.epoch(0):
            logits, value = outputs(from_numpy(x), from_numpy(y))
            means["loss"].add(np.full(len(y), value.item()))
            for name, values in measure(metrics, logits.numpy(), y).items():
                means[name].add(values)
    return {name: mean.value() for name, mean in means.items()}


def in_batches(data: Any, y: Any = None) -> Batches:
    """Batches as they are, a split or arrays x and y in batches in order. Raises: UsageError, DataError for others."""
    split = data if y is None else Split(data, y)
    return Loader(split, _BATCH, shuffle=False, prefetch=0) if isinstance(split, Split) else cast("Batches", split)


def predict(model: Module, data: Batches | Split | Array | Tensor) -> Array:
    """What the model gives out for every example, in order. Shape: (n, ...). The model is left as it was."""
    with evaluating(model):
        if isinstance(data, np.ndarray | Tensor):
            whole: Array = model(Tensor(data)).numpy()
            return whole
        batches = in_batches(data)
        checks.batches(batches)
        return np.concatenate([model(from_numpy(x)).numpy() for x, _ in batches.epoch(0)])


def predictions(model: Module, batches: Batches) -> tuple[Array, Array]:
    """The logits of every example, and the labels. Shapes: (n, ...), (n,). The model is left as it was."""
    checks.batches(batches)
    with evaluating(model):
        pairs = [(model(from_numpy(x)).numpy(), y) for x, y in batches.epoch(0)]
    return np.concatenate([logits for logits, _ in pairs]), np.concatenate([labels for _, labels in pairs])
