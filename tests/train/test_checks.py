from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from descend import nn, optim, train
from descend.data import Split
from descend.engine import Tensor
from descend.engine.errors import UsageError
from descend.train import Trainer
from tests.train.small import batches, split, trainer


@pytest.mark.parametrize("given", [split(5, 0), [(np.ones(2), np.ones(2))], np.ones((3, 2)), split])
def test_what_has_no_batches_is_refused_wherever_they_are_needed(given: Any) -> None:
    whole = trainer()
    everywhere = [
        lambda: Trainer(whole.model, whole.optimizer, whole.loss, given, epochs=1),
        lambda: train.Evaluation(validation=given),
        lambda: train.Evaluation(test=given),
        lambda: train.predictions(whole.model, given),
    ]
    if not isinstance(given, Split):
        everywhere.append(lambda: whole.evaluate(given))
    if not isinstance(given, Split | np.ndarray):
        everywhere.append(lambda: whole.predict(given))
    for wrong in everywhere:
        with pytest.raises(UsageError, match=r"no batches to be had.*(?s:.*)data\.Loader"):
            wrong()


@pytest.mark.parametrize(
    ("given", "told"), [(nn.CrossEntropyLoss, "CrossEntropyLoss(...)"), ("mse", "'mse'"), (None, "None")]
)
def test_a_loss_is_a_function(given: Any, told: str) -> None:
    whole = trainer()
    with pytest.raises(UsageError) as error:
        Trainer(whole.model, whole.optimizer, given, whole.loader, epochs=1)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (train.TerminateOnNaN(), "in brackets"),
        ([train.TerminateOnNaN], "TerminateOnNaN(...)"),
        (["early stopping"], "'early stopping'"),
    ],
)
def test_callbacks_are_several_functions(given: Any, told: str) -> None:
    with pytest.raises(UsageError) as error:
        trainer(1).fit(given)
    assert told in str(error.value)


WHOLE = trainer()
PARTS = {"model": WHOLE.model, "optimizer": WHOLE.optimizer, "loss": WHOLE.loss, "loader": WHOLE.loader, "epochs": 1}


@pytest.mark.parametrize(
    ("make", "needed"),
    [
        (lambda: Trainer(**PARTS | {"model": "m"}), "a module"),
        (lambda: Trainer(**PARTS | {"model": nn.Linear}), "a module"),
        (lambda: Trainer(**PARTS | {"optimizer": optim.SGD}), "an optimiser"),
        (lambda: Trainer(**PARTS | {"epochs": 2.5}), "a whole number of epochs"),
        (lambda: Trainer(**PARTS | {"epochs": "2"}), "a whole number of epochs"),
        (lambda: Trainer(**PARTS, schedule=lambda: 1), "optim.StepLR"),
        (lambda: Trainer(**PARTS, schedule=WHOLE.optimizer), "optim.StepLR"),
        (lambda: train.EachEpoch(WHOLE.optimizer), "optim.StepLR"),
        (lambda: train.EachEpoch(optim.StepLR), "optim.StepLR"),
        (lambda: train.OnPlateau(optim.StepLR(WHOLE.optimizer, 3)), "a ReduceLROnPlateau"),
        (lambda: train.EarlyStopping("validation_loss"), "a module, or None"),
        (lambda: train.BestCheckpoint("best.safetensors", "validation_loss"), "a module"),
        (lambda: train.Averaging(WHOLE.model), "optim.EMA or optim.SWA"),
        (lambda: train.Evaluation(metrics=["accuracy"]), "a dict of metrics by name"),
    ],
)
def test_one_part_in_the_place_of_another_is_refused_at_once(make: Callable[[], Any], needed: str) -> None:
    with pytest.raises(UsageError) as error:
        make()
    assert needed in str(error.value.needed)
    assert error.value.given


def test_what_is_right_passes() -> None:
    whole = trainer(1)
    whole.fit(note for note in [lambda _: None])
    data = split(6, 0)
    np.testing.assert_array_equal(whole.predict(Tensor(data.x)), whole.predict(data.x))
    assert whole.predict(batches(20, 2)).shape == (20, 3)
    assert isinstance(data, Split)
