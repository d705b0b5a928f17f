"""Where single checks begin to speak, on cases made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from descend import nn, optim
from descend.data import Loader, Split
from descend.engine import Tensor
from descend.train import Trainer
from descend.train.doctor import inputs, overfitting, rate_high
from descend.train.doctor.case import Case, Look
from descend.train.events import Epoch, Step

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((40, 3)).astype(np.float32), np.arange(40) % 3
CHANCE = float(np.log(3))


def made(x: np.ndarray = X) -> Case:
    """Forty examples of three classes, before a perceptron's training."""
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 3))
    return Case(Trainer(model, optim.SGD(model.parameters(), 0.1), nn.cross_entropy, Loader(Split(x, Y), 8), epochs=9))


@pytest.mark.parametrize(
    ("moved", "loss", "named"),
    [(0.3, 1.3 * CHANCE, True), (0.3, 0.9 * CHANCE, False), (0.05, 1.3 * CHANCE, False)],
)
def test_jumps_that_lead_nowhere_are_a_rate_too_high(moved: float, loss: float, named: bool) -> None:
    case = made()
    case.steps = [Step(i, 1, loss, 0.1) for i in range(1, 21)]
    case.looks = [Look(step, [], moved) for step in (2, 3, 5)]
    found = rate_high.find(case)
    assert (found is not None) is named
    assert found is None or "changes the weights by 30 %" in found.evidence


@pytest.mark.parametrize(("scales", "named"), [((1, 1, 300), True), ((1, 1, 20), False), ((0.5, 1, 60), False)])
def test_features_of_sizes_worlds_apart(scales: Sequence[float], named: bool) -> None:
    x = (X * np.array(scales) / max(scales) * 5).astype(np.float32)
    found = inputs.find(made(x))
    assert (found is not None) is named
    assert found is None or "standard deviations of the features" in found.evidence


@pytest.mark.parametrize(("kind", "named"), [(np.uint8, True), (np.int64, True), (bool, False)])
def test_whole_numbers_are_inputs_too(kind: type, named: bool) -> None:
    found = inputs.find(made((X * 255).astype(np.int64).clip(0, 255).astype(kind)))
    assert (found is not None) is named
    assert found is None or "root mean square" in found.evidence


def test_the_numbers_of_words_are_no_sizes() -> None:
    class Reader(nn.Module):
        def __init__(self) -> None:
            self.last, self.words = nn.Linear(12, 3), nn.Embedding(500, 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.words(x).flatten(1))

    model, data = Reader(), Loader(Split(RNG.integers(0, 500, (40, 3)), Y), 8)
    trainer = Trainer(model, optim.SGD(model.parameters(), 0.1), nn.cross_entropy, data, epochs=1)
    assert inputs.find(Case(trainer)) is None


@pytest.mark.parametrize(
    ("validation", "training", "named"),
    [
        ((1.0, 0.8, 1.2), 0.3, True),
        ((1.0, 0.8, 0.9), 0.3, False),  # hardly a climb
        ((1.0, 0.8, 1.2), 0.9, False),  # no worse than in training
        ((1.2, 1.0, 0.8), 0.3, False),  # no climb
        ((0.2, 0.1, 0.31), 0.01, False),  # from little to less than a third of what chance gives
        ((0.2, 0.1, 0.35), 0.01, True),
    ],
)
def test_a_climb_of_the_validation_loss_that_matters(validation: Sequence[float], training: float, named: bool) -> None:
    case = made()
    case.epochs = [
        Epoch(i + 1, i, {"validation_loss": loss, "train_loss": training}, 0.1) for i, loss in enumerate(validation)
    ]
    assert (overfitting.find(case) is not None) is named
