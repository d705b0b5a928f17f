from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from descend import nn, optim
from descend.data.dataset import Split
from descend.data.loader import Loader
from descend.engine import Tensor, manual_seed
from descend.engine.errors import DescendError, NonFiniteError, ShapeError, UsageError
from descend.train import Evaluation, Trainer
from descend.train.checkpoint import Checkpoints
from descend.train.evaluate import evaluate
from descend.train.events import Done, Epoch, Event, Failed, Start, Step, Warning
from descend.train.metrics import accuracy
from tests.train.small import STEPS, batches, equal_bits, run, split, trainer, weights


def of(kind: type[Any], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_the_order_of_events() -> None:
    events = list(trainer(2).events())
    epoch = [*["Step"] * STEPS, "Epoch"]
    assert [type(event).__name__ for event in events] == ["Start", *epoch, *epoch, "Done"]
    assert events[0] == Start(2, STEPS, {})
    assert [step.step for step in of(Step, events)] == list(range(1, 2 * STEPS + 1))
    assert [step.epoch for step in of(Step, events)] == [1] * STEPS + [2] * STEPS
    assert [(epoch.epoch, epoch.step) for epoch in of(Epoch, events)] == [(1, STEPS), (2, 2 * STEPS)]


def test_it_is_the_loop_that_anybody_would_write() -> None:
    trained, plain = trainer(2), trainer(2)
    losses, rates = [], []
    plain.model.train()
    for epoch in range(2):
        for x, y in plain.loader.epoch(epoch):
            loss = nn.cross_entropy(plain.model(Tensor(x)), Tensor(y))
            plain.optimizer.zero_grad()
            loss.backward()
            rates.append(plain.lr)
            plain.optimizer.step()
            assert plain.schedule is not None
            plain.schedule.step()
            losses.append(loss.item())
    manual_seed(7)
    trained = trainer(2, evaluation=Evaluation())
    steps = of(Step, list(trained.events()))
    assert [step.loss for step in steps] == losses
    assert [step.lr for step in steps] == rates
    assert equal_bits(weights(trained), weights(plain))


def test_the_loss_falls() -> None:
    epochs = of(Epoch, list(trainer(30).events()))
    assert epochs[-1].metrics["train_loss"] < 0.5 * epochs[0].metrics["train_loss"]
    assert epochs[-1].metrics["validation_accuracy"] > 0.7


def test_metrics_are_those_of_each_split() -> None:
    trained = trainer(2)
    events = list(trained.events())
    steps, last, done = of(Step, events)[STEPS:], of(Epoch, events)[-1], events[-1]
    assert isinstance(done, Done)
    sizes = [len(y) for _, y in trained.loader.epoch(1)]
    assert sizes[-1] < sizes[0]
    mean = sum(step.loss * size for step, size in zip(steps, sizes, strict=True)) / sum(sizes)
    assert last.metrics["train_loss"] == pytest.approx(mean, rel=1e-12)
    for name, loader in (("validation", trained.evaluation.validation), ("test", trained.evaluation.test)):
        assert loader is not None
        expected = evaluate(trained.model, trained.loss, loader, {"accuracy": accuracy})
        for metric, value in expected.items():
            assert done.metrics[f"{name}_{metric}"] == value
    assert set(last.metrics) == {"train_loss", "validation_loss", "validation_accuracy"}
    assert set(done.metrics) == set(last.metrics) | {"test_loss", "test_accuracy"}


class Counted:
    """Batches that know how often they were gone through."""

    def __init__(self) -> None:
        self.batches, self.passes = batches(9, 3), 0

    def __len__(self) -> int:
        return len(self.batches)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Any]:
        self.passes += 1
        return self.batches.epoch(epoch, start)


def test_the_test_data_are_looked_at_once() -> None:
    validation, test = Counted(), Counted()
    list(trainer(4, evaluation=Evaluation(validation, test)).events())
    assert (validation.passes, test.passes) == (4, 1)


def test_the_test_data_are_looked_at_after_every_epoch_where_a_recipe_says_so() -> None:
    test = Counted()
    events = list(trainer(4, evaluation=Evaluation(test=test, test_each_epoch=True)).events())
    assert test.passes == 4
    accuracies = [epoch.metrics["test_accuracy"] for epoch in of(Epoch, events)]
    assert len(set(accuracies)) > 1
    assert of(Done, events)[0].metrics["best_test_accuracy"] == max(accuracies)
    assert of(Done, events)[0].metrics["test_accuracy"] == accuracies[-1]


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    list(trainer(2).events(run()))
    assert capfd.readouterr() == ("", "")


def test_nothing_that_draws_is_imported() -> None:
    import subprocess

    code = "import sys; import descend.train.trainer; print([m for m in ('rich', 'matplotlib') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_a_stream_that_is_dropped_leaves_nothing_behind() -> None:
    one, stream = run(), trainer(3).events
    events = stream(one)
    for _ in range(3):
        next(events)
    assert one.status() == "running"
    events.close()  # type: ignore[attr-defined]
    assert one.status() == "interrupted"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_loss_that_explodes_is_told_and_stops() -> None:
    one, exploding = run(), trainer(5)
    exploding.optimizer, exploding.schedule = optim.SGD(exploding.model.parameters(), lr=1e38), None
    events = list[Event]()
    with pytest.raises(NonFiniteError) as caught:
        events.extend(exploding.events(one))
    text = str(caught.value)
    assert "the loss of step" in text or "no longer finite after step" in text
    assert "lower the learning rate" in text
    recorded = one.events()
    assert isinstance(recorded[-1], Failed)
    assert recorded[-1].problem == caught.value.problem
    assert one.status() == "failed"
    # Weights that are worth nothing are not saved over weights that are.
    newest, _ = Checkpoints(one.path / "checkpoints").newest()
    if newest:
        assert all(np.isfinite(array).all() for array in newest.part("model").values())


def test_the_error_names_step_loss_and_learning_rate() -> None:
    trained = trainer(5)
    calls = [0]

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        calls[0] += 1
        return nn.cross_entropy(logits, labels) * (math.nan if calls[0] == 4 else 1.0)

    trained.loss = loss
    events, stream = list[Event](), trained.events()
    with pytest.raises(NonFiniteError, match="the loss of step 4 is nan") as caught:
        for event in stream:
            events.append(event)
    assert "learning rate 0.05" in str(caught.value)
    assert of(Step, events)[-1].step == 3
    assert isinstance(events[-1], Warning)
    assert events[-1].topic == "non_finite"


def test_nan_in_the_data_is_blamed_on_the_data() -> None:
    trained = trainer(2)

    class Spoilt:
        def __len__(self) -> int:
            return 1

        def epoch(self, epoch: int, start: int = 0) -> Iterator[Any]:
            yield np.full((4, 6), np.nan, np.float32), np.zeros(4, np.int64)

    trained.loader = Spoilt()
    with pytest.raises(NonFiniteError, match="inputs of its batch hold NaN") as caught:
        list(trained.events())
    assert "data" in str(caught.value)


def test_labels_out_of_range_are_an_error_that_is_recorded() -> None:
    one, trained = run(), trainer(2)
    trained.loader = Loader(Split(split(16, 0).x, np.full(16, 9)), 8)
    with pytest.raises(ShapeError):
        list(trained.events(one))
    assert one.status() == "failed"


def test_errors_of_other_kinds_are_recorded_too() -> None:
    one, trained = run(), trainer(2)

    def broken(logits: Tensor, labels: Tensor) -> Tensor:
        raise KeyError("mistake in a learner's code")

    trained.loss = broken
    with pytest.raises(KeyError):
        list(trained.events(one))
    assert one.events()[-1] == Failed('KeyError: "mistake in a learner\'s code"')


@pytest.mark.parametrize("epochs", [0, -1])
def test_nothing_to_train_on_is_refused(epochs: int) -> None:
    with pytest.raises(UsageError, match="nothing to train on"):
        trainer(epochs)


def test_regression_needs_no_accuracy() -> None:
    manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 1))

    class Line:
        def __len__(self) -> int:
            return 4

        def epoch(self, epoch: int, start: int = 0) -> Iterator[Any]:
            for at in range(start, 4):
                x = np.random.default_rng(at).normal(size=(8, 6)).astype(np.float32)
                yield x, x.sum(axis=1, keepdims=True)

    optimizer = optim.SGD(model.parameters(), lr=0.1)
    evaluation = Evaluation(test=Line(), metrics={})
    fitted = Trainer(model, optimizer, nn.mse_loss, Line(), epochs=40, evaluation=evaluation)
    done = list(fitted.events())[-1]
    assert isinstance(done, Done)
    assert done.metrics["test_loss"] < 1e-4


def test_two_trainers_of_one_run_exclude_each_other() -> None:
    one = run()
    first = trainer(3).events(one)
    next(first)
    with pytest.raises(DescendError, match="in use"):
        next(iter(trainer(3).events(one)))
    assert isinstance(list(first)[-1], Done)
    assert one.status() == "finished"


def test_an_epoch_without_batches_is_told() -> None:
    class Announced:
        def __len__(self) -> int:
            return 4

        def epoch(self, epoch: int, start: int = 0) -> Iterator[Any]:
            return iter(())

    trained = trainer(1)
    trained.loader = Announced()
    with pytest.raises(UsageError, match="nothing to train on") as told:
        trained.fit()
    assert "no batch in epoch 1, where 4 were announced" in str(told.value)
