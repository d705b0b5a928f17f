"""The network of a run, as its newest checkpoint has it, and what it says of new examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Tensor, no_grad
from descend.engine.errors import DescendError, UsageError
from descend.nn import Module
from descend.recipes import registry, resuming
from descend.recipes.handwriting import SIDE, digit
from descend.recipes.recipe import Network, Recipe
from descend.train.diff import weights
from descend.train.metrics import log_softmax
from descend.train.runs import Run

_BATCH = 500


@dataclass(frozen=True)
class Prediction:
    """The class that a network sees in a file, with the probability it gives to every class."""

    file: Path
    label: str
    probabilities: dict[str, float]

    @property
    def confidence(self) -> float:
        """The probability given to `label`, between 0 and 1."""
        return self.probabilities[self.label]


@dataclass(frozen=True)
class Unread:
    """A file that could not be read as a digit, and why."""

    file: Path
    error: DescendError


def network_of(recipe: Recipe) -> Network:
    """The recipe's network. Raises UsageError where it has none."""
    if recipe.network is None:
        raise UsageError(
            f"{recipe.name} has no network",
            needed="a recipe that trains one",
            fix="descend recipes lists them",
        )
    return recipe.network


def model_of(run: Run) -> Module:
    """The trained model, in evaluation mode. Raises DescendError where the run has no checkpoint yet."""
    model = network_of(registry.get(run.info.recipe)).build(run.info.settings)
    trained = weights(run)
    if not trained:
        raise _untrained(run)
    model.load_state_dict(trained)
    model.eval()
    return model


def _untrained(run: Run) -> DescendError:
    failure = run.failure()
    if failure:
        return DescendError(
            f"{run.name} failed before its first checkpoint: it has no network to use",
            given=failure.problem,
            needed="a run that was trained for an epoch at least",
            fix=resuming.anew(run),
        )
    return DescendError(
        f"{run.name} has no checkpoint yet",
        needed="a run that was trained for an epoch at least",
        fix=f"train it with: descend train --resume {run.name}",
    )


def logits(model: Module, x: NDArray[Any]) -> NDArray[Any]:
    """What the model answers, in batches. Shapes: (n, ...) to (n, k)."""
    with no_grad():
        return np.concatenate([model(Tensor(x[i : i + _BATCH])).numpy() for i in range(0, len(x), _BATCH)])


def predict(run: Run, files: Iterable[Path]) -> list[Prediction | Unread]:
    """The class of each image file, in their order; a file that cannot be read keeps no other from being read.

    Raises:
        UsageError: the run's network does not read images of digits.
        DescendError: the run has no checkpoint.
    """
    network = network_of(registry.get(run.info.recipe))
    if network.input_shape != (1, SIDE, SIDE):
        raise UsageError(
            f"the network of {run.name} does not read images",
            given=f"input shape {network.input_shape}",
            needed=f"(1, {SIDE}, {SIDE})",
            fix="use a run of a recipe that reads digits, digits-mlp say",
        )
    model = model_of(run)
    return [_read(path, model, network) for path in files]


def _read(path: Path, model: Module, network: Network) -> Prediction | Unread:
    try:
        image = digit(path)
    except DescendError as error:
        return Unread(path, error)
    answer = np.exp(log_softmax(logits(model, network.prepare(image[None]))))
    return _prediction(path, answer[0], network.classes)


def _prediction(path: Path, probabilities: NDArray[np.float64], classes: tuple[str, ...]) -> Prediction:
    return Prediction(
        path,
        classes[int(probabilities.argmax())],
        {name: float(p) for name, p in zip(classes, probabilities)},
    )
