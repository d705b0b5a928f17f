"""How callbacks hear events, answer and stop, and what the small ones do."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from descend import nn, optim
from descend.engine import Tensor
from descend.engine.errors import DescendError, NonFiniteError, UsageError
from descend.train import Saving, events
from descend.train.callbacks import (
    Averaging,
    BestCheckpoint,
    CSVLog,
    EachEpoch,
    EarlyStopping,
    History,
    OnPlateau,
    TerminateOnNaN,
)
from descend.train.checkpoint import Checkpoints
from descend.train.events import Done, Epoch, Event, Start, Step
from descend.train.weights import load_weights
from tests.train.small import STEPS, batches, equal_bits, run, trainer, weights


def epoch(number: int, **metrics: float) -> Epoch:
    return Epoch(number, number * 10, metrics, 0.1)


def note(text: str) -> events.Warning:
    return events.Warning("note", text)


def test_every_callback_hears_every_event_in_order_before_it_is_yielded() -> None:
    heard: list[Any] = []
    trained = trainer(2)
    trained.callbacks = [lambda e: heard.append(("a", e)), lambda e: heard.append(("b", e))]
    for event in trained.events():
        assert heard[-2:] == [("a", event), ("b", event)]
    kinds = [type(e).__name__ for name, e in heard if name == "a"]
    assert kinds == ["Start", *["Step"] * STEPS, "Epoch", *["Step"] * STEPS, "Epoch", "Done"]


def test_answers_join_the_stream_once_and_are_heard_by_all() -> None:
    heard: list[Event] = []

    def chatty(event: Event) -> list[Event] | Event:
        return [note("one"), note("two")] if isinstance(event, Start) else note("again")

    trained = trainer(1)
    trained.callbacks = [chatty, heard.append]
    stream = list(trained.events())
    assert [e.message for e in stream[1:3]] == ["one", "two"]
    assert [type(e).__name__ for e in stream[3:5]] == ["Step", "Warning"]
    assert stream == heard


def test_answers_are_recorded_with_the_run() -> None:
    one, trained = run(), trainer(1)
    trained.callbacks = [lambda e: note("seen") if isinstance(e, Epoch) else None]
    trained.fit(run=one)
    assert note("seen") in one.events()


@pytest.mark.parametrize("answer", [None, "go on", 3, True, np.zeros(3), {"stop": 1}, ["stop"]], ids=str)
def test_whatever_else_is_answered_counts_for_nothing(answer: Any) -> None:
    assert [type(e).__name__ for e in trainer(1).fit([lambda e: answer]).events][-1] == "Done"


def test_callbacks_change_nothing_in_the_training() -> None:
    plain, watched = trainer(3), trainer(3)
    list(plain.events())
    watched = trainer(3)
    watched.fit([EarlyStopping(None, patience=9), History(), lambda e: None])
    assert equal_bits(weights(plain), weights(watched))
    assert watched.callbacks == []


def test_a_callback_stops_within_an_epoch() -> None:
    trained = trainer(3)
    chatty = lambda e: note("more to say") if isinstance(e, Step) else None  # what follows does not undo the wish
    found = trained.fit([lambda e: "stop" if isinstance(e, Step) and e.step == STEPS + 2 else None, chatty]).events
    assert isinstance(found[-3], Step)
    assert found[-3].step == STEPS + 2
    assert isinstance(found[-1], Done)
    assert found[-1].stopped
    assert "test_accuracy" in found[-1].metrics
    assert not trained.fit().events[-1].stopped  # the wish does not outlive its training


def test_a_stop_after_the_last_epoch_is_no_early_end() -> None:
    assert not trainer(2).fit([lambda e: "stop" if isinstance(e, Epoch) and e.epoch == 2 else None]).events[-1].stopped


def test_a_stopped_run_is_called_so_and_can_go_on() -> None:
    one = run()
    trainer(4).fit([lambda e: "stop" if isinstance(e, Epoch) and e.epoch == 2 else None], one)
    assert one.status() == "stopped"
    resumed, whole = trainer(4), trainer(4)
    list(whole.events())
    resumed = trainer(4)
    resumed.fit(run=one)
    assert one.status() == "finished"
    assert equal_bits(weights(resumed), weights(whole))


# Early stopping.


def heard(callback: EarlyStopping, values: list[float], name: str = "validation_loss") -> int:
    """The epoch after which it stops, 0 for never."""
    callback(Start(len(values), 1))
    for number, value in enumerate(values, 1):
        if callback(epoch(number, **{name: value})) == "stop":
            return number
    return 0


@pytest.mark.parametrize(
    ("values", "patience", "delta", "stops"),
    [
        ([5, 4, 3, 2, 1], 1, 0, 0),
        ([5, 4, 4, 3, 1], 1, 0, 3),
        ([5, 4, 4, 3, 3, 3], 2, 0, 6),
        ([5, 4.9, 4.8, 4.7], 2, 0.5, 3),
        ([5, math.nan, math.nan, 1], 2, 0, 3),
        ([math.nan, 4, 3, 2], 1, 0, 1),
    ],
)
def test_it_stops_when_nothing_got_better_for_so_long(
    values: list[float], patience: int, delta: float, stops: int
) -> None:
    assert heard(EarlyStopping(None, patience=patience, min_delta=delta), values) == stops
    rising = EarlyStopping(None, "validation_accuracy", patience, delta)
    assert heard(rising, [-value for value in values], "validation_accuracy") == stops


def test_the_best_weights_come_back_and_the_test_data_are_measured_with_them() -> None:
    """A learning rate that destroys the network after two epochs."""
    trained = trainer(8)
    kept: dict[int, Any] = {}

    def spoil(event: Event) -> None:
        if isinstance(event, Epoch):
            kept[event.epoch] = trained.model.state_dict()
            if event.epoch == 2:
                trained.schedule = None
                trained.optimizer.lr.write(30.0)

    history = trained.fit([spoil, EarlyStopping(trained.model, patience=2)])
    assert len(history.epochs) == 4
    assert equal_bits(trained.model.state_dict(), kept[2])
    test = trained.evaluation.test
    assert test is not None
    assert trained.evaluate(test)["loss"] == history.final["test_loss"]


@pytest.mark.parametrize("end", ["the last epoch", "stop", "NaN"])
def test_the_best_weights_come_back_whatever_ends_the_training(end: str) -> None:
    trained, kept = trainer(3), dict[int, Any]()

    def spoil(event: Event) -> str | None:
        if isinstance(event, Epoch):
            kept[event.epoch] = trained.model.state_dict()
            trained.schedule = None
            trained.optimizer.lr.write(30.0)
        if isinstance(event, Step) and event.epoch == 3 and end == "NaN":
            trained.loss = lambda logits, labels: nn.cross_entropy(logits, labels) * math.nan
        return "stop" if end == "stop" and isinstance(event, Step) and event.epoch == 2 else None

    trained.fit([spoil, EarlyStopping(trained.model, patience=9), TerminateOnNaN()])
    assert equal_bits(trained.model.state_dict(), kept[1])
    assert len(kept) == {"the last epoch": 3, "stop": 1, "NaN": 2}[end]


def test_the_last_checkpoint_of_a_run_has_the_weights_that_were_measured() -> None:
    one, trained = run(), trainer(4)
    average = Averaging(optim.EMA(trained.model.parameters(), 0.9))
    trained.fit([average, lambda e: "stop" if isinstance(e, Step) and e.step == STEPS + 3 else None], one)
    newest, _ = Checkpoints(one.path / "checkpoints").newest()
    assert newest is not None
    assert newest.meta["position"]["step"] == STEPS + 3
    assert equal_bits(newest.part("model"), trained.model.state_dict())
    averages = average.average.weights.numpy()
    assert np.array_equal(np.concatenate([p.numpy().ravel() for p in trained.model.parameters()]), averages)


def test_averages_begin_with_the_first_step_unless_told_otherwise() -> None:
    counts = []
    for settings in ({}, {"first": 1}, {"first": 3}):
        trained = trainer(3)
        average = optim.EMA(trained.model.parameters(), 0.9)
        trained.fit([Averaging(average, **settings)])
        counts.append(average.n.item())
    assert counts == [3 * STEPS, 3 * STEPS, STEPS]


def test_a_callback_that_has_heard_nothing_finishes_nothing() -> None:
    model = nn.Linear(1, 1)
    before = model.state_dict()
    Averaging(optim.EMA(model.parameters())).finish()
    EarlyStopping(model).finish()
    assert equal_bits(model.state_dict(), before)


def test_early_stopping_goes_on_where_it_was() -> None:
    model = nn.Linear(1, 1)
    first, second = EarlyStopping(model, patience=2), EarlyStopping(model, patience=2)
    first(epoch(1, validation_loss=1.0))
    first(epoch(2, validation_loss=2.0))
    second.load_state_dict(first.state_dict())
    assert equal_bits(second.weights, first.weights)
    assert second(epoch(3, validation_loss=1.5)) == "stop"


def test_a_resumed_run_has_its_callbacks_state() -> None:
    def make() -> Any:
        trained = trainer(4)
        trained.callbacks = [Averaging(optim.EMA(trained.model.parameters(), 0.7)), EarlyStopping(None, patience=9)]
        return trained

    whole, one = make(), run()
    list(whole.events())
    interrupted = make()
    for event in interrupted.events(one, saving=Saving(steps=1)):
        if isinstance(event, Step) and event.step == 2 * STEPS + 2:
            break
    resumed = make()
    list(resumed.events(one))
    assert equal_bits(weights(resumed), weights(whole))
    assert equal_bits(resumed.callbacks[0].state_dict(), whole.callbacks[0].state_dict())
    assert resumed.callbacks[1].state_dict() == whole.callbacks[1].state_dict()


def test_a_callback_that_is_new_to_a_run_begins_afresh() -> None:
    one, resumed = run(), trainer(3)
    trainer(1).fit(run=one)
    resumed.fit([EarlyStopping(None, patience=9)], one)
    assert one.status() == "finished"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: EarlyStopping(None, patience=0), "patience >= 1"),
        (lambda: EarlyStopping(None, min_delta=-1), "min_delta >= 0"),
        (lambda: Averaging(optim.EMA([nn.Parameter([1.0])]), "batch"), "step or epoch"),
        (lambda: Averaging(optim.EMA([nn.Parameter([1.0])]), batches=batches(8, 1)), "both, or neither"),
        (lambda: Averaging(optim.EMA([nn.Parameter([1.0])]), first=0), "from 1"),
        (lambda: EarlyStopping(None, "validation_los")(epoch(1, validation_loss=1)), "did you mean 'validation_loss'"),
        (lambda: EarlyStopping(None)(epoch(1, train_loss=1)), "measured are train_loss"),
    ],
)
def test_wrong_settings(make: Any, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert words in str(caught.value)


# The others.


def test_nan_ends_quietly_where_that_is_wished() -> None:
    trained = trainer(3)
    calls = [0]

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        calls[0] += 1
        return nn.cross_entropy(logits, labels) * (math.nan if calls[0] == 3 else 1.0)

    trained.loss = loss
    history = trained.fit([TerminateOnNaN()])
    assert [type(e).__name__ for e in history.events] == ["Start", "Step", "Step", "Warning", "Done"]
    assert history.events[-1].stopped
    calls[0] = 0
    with pytest.raises(NonFiniteError):
        trained.fit()
    assert TerminateOnNaN()(epoch(1, validation_loss=math.inf)) == "stop"
    assert TerminateOnNaN()(epoch(1, validation_loss=1.0)) is None


def test_the_file_of_the_best_weights_holds_those_of_the_best_epoch(tmp_path: Path) -> None:
    trained, path, kept = trainer(6), tmp_path / "best.safetensors", {}
    history = trained.fit(
        [
            lambda e: kept.update({e.epoch: trained.model.state_dict()}) if isinstance(e, Epoch) else None,
            BestCheckpoint(trained.model, path, "validation_accuracy"),
        ]
    )
    accuracies = history.metrics["validation_accuracy"]
    best = accuracies.index(max(accuracies)) + 1
    fresh = trainer(1).model
    load_weights(fresh, path)
    assert equal_bits(fresh.state_dict(), kept[best])


def test_a_schedule_of_epochs_and_a_plateau() -> None:
    trained = trainer(4)
    trained.schedule = None
    rates = trained.fit([EachEpoch(optim.ExponentialLR(trained.optimizer, 0.5))]).events
    assert [e.lr for e in rates if isinstance(e, Step)][::STEPS] == pytest.approx([0.05, 0.025, 0.0125, 0.00625])
    optimizer = optim.SGD([nn.Parameter([1.0])], 1.0)
    plateau = OnPlateau(optim.ReduceLROnPlateau(optimizer, factor=0.1, patience=1))
    for number, value in enumerate([3.0, 3.0, 3.0], 1):
        plateau(epoch(number, validation_loss=value))
    assert optimizer.lr.item() == pytest.approx(0.1)
    fresh = OnPlateau(optim.ReduceLROnPlateau(optimizer, factor=0.1, patience=1))
    fresh.load_state_dict(plateau.state_dict())
    assert fresh.state_dict() == plateau.state_dict()


def test_averaged_weights_are_in_the_model_when_the_test_data_are_measured() -> None:
    trained = trainer(3)
    average = optim.SWA(trained.model.parameters())
    seen: list[Any] = []

    def keep(event: Event) -> None:
        if isinstance(event, Epoch):
            seen.append(np.concatenate([p.numpy().ravel() for p in trained.model.parameters()]))

    history = trained.fit([keep, Averaging(average, "epoch", first=2)])
    expected = np.mean(seen[1:], 0)
    assert np.allclose(np.concatenate([p.numpy().ravel() for p in trained.model.parameters()]), expected, atol=1e-6)
    assert trained.evaluate(batches(30, 4))["loss"] == history.final["test_loss"]


def test_the_table_of_a_training(tmp_path: Path) -> None:
    log = CSVLog(tmp_path / "log.csv")
    trainer(5).fit([log])
    history = trainer(3).fit([log])  # begun anew
    rows = list(csv.DictReader((tmp_path / "log.csv").read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    for name, values in history.metrics.items():
        assert [float(row[name]) for row in rows] == values
    with pytest.raises(DescendError, match="could not be written"):
        trainer(1).fit([CSVLog(tmp_path / "absent" / "log.csv")])


def test_the_table_of_a_resumed_run_has_every_epoch_once(tmp_path: Path) -> None:
    path, one = tmp_path / "log.csv", run()
    interrupted = trainer(4)
    interrupted.callbacks = [CSVLog(path)]
    for event in interrupted.events(one, saving=Saving(None, None)):
        if isinstance(event, Epoch) and event.epoch == 2:
            break  # before the checkpoint of this epoch
    assert len(path.read_text().splitlines()) == 3
    path.write_text(path.read_text() + "3,1")  # a line that was cut short
    resumed = trainer(4).fit([CSVLog(path)], one)
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"]
    assert [float(row["train_loss"]) for row in rows[1:]] == resumed.metrics["train_loss"]
    assert [row["epoch"] for row in rows][1:] == [str(e.epoch) for e in resumed.epochs]
    path.write_text("another,table\n1,2\n")
    trainer(5).fit([CSVLog(path)], one)
    assert [row["epoch"] for row in csv.DictReader(path.read_text().splitlines())] == ["5"]


def test_a_history_has_tables_and_a_picture(tmp_path: Path) -> None:
    history = trainer(3).fit()
    assert history.metrics["train_loss"] == [e.metrics["train_loss"] for e in history.epochs]
    assert len(history.losses) == 3 * STEPS
    assert set(history.final) == {*history.metrics, "test_loss", "test_accuracy"}
    history.plot(tmp_path / "curve.png", "small")
    assert (tmp_path / "curve.png").read_bytes()[:4] == history._repr_png_()[:4] == b"\x89PNG"
    assert "3 epochs" in repr(history)
    assert History().metrics == History().final == {}


# Keras's three verbs.


def test_predict_takes_batches_or_an_array() -> None:
    trained = trainer(2)
    trained.fit()
    data = batches(30, 4)
    x = np.concatenate([x for x, _ in data.epoch(0)])
    rows = trained.predict(data)
    assert rows.shape == (30, 3)
    assert np.allclose(trained.predict(x), rows, atol=1e-6)
    assert np.allclose(trained.predict(data.split), rows, atol=1e-6)
    with pytest.raises(UsageError, match="no batches"):
        trained.predict([x])  # type: ignore[arg-type]


def test_evaluate_takes_batches_a_split_or_two_arrays() -> None:
    trained, data = trainer(1), batches(300, 4)
    expected = trained.evaluate(data)
    for found in (trained.evaluate(data.split), trained.evaluate(data.split.x, data.split.y)):
        assert found == pytest.approx(expected, rel=1e-6)
    with pytest.raises(DescendError, match="no batches"):
        trained.evaluate(data.split.x)
    with pytest.raises(DescendError, match="differ in length"):
        trained.evaluate(data.split.x, data.split.y[:3])


@pytest.mark.parametrize("pieces", [2, 3, 8, 100])
def test_an_update_from_pieces_is_that_of_the_whole_batch(pieces: int) -> None:
    def make() -> Any:
        trained = trainer(2)
        trained.model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3))
        if start:
            trained.model.load_state_dict(start)
        trained.optimizer, trained.schedule = optim.SGD(trained.model.parameters(), 0.1, momentum=0.9), None
        return trained

    start: dict[str, Any] = {}
    whole = make()
    start = whole.model.state_dict()
    divided = make()
    divided.pieces = pieces
    losses = whole.fit().losses, divided.fit().losses
    assert np.allclose(*losses, rtol=1e-5)
    for name, array in whole.model.state_dict().items():
        assert np.allclose(divided.model.state_dict()[name], array, atol=1e-6)


def test_lbfgs_is_trained_with() -> None:
    trained = trainer(4)
    trained.model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3))
    trained.optimizer, trained.schedule = optim.LBFGS(trained.model.parameters(), max_iter=4), None

    class Whole:
        def __len__(self) -> int:
            return 1

        def epoch(self, epoch: int, start: int = 0) -> Iterator[Any]:
            yield from batches(40, 1, 40).epoch(0)

    trained.loader = Whole()
    losses = trained.fit().losses
    assert losses[-1] < 0.5 * losses[0]
    assert losses == sorted(losses, reverse=True)


def test_checkpoints_of_a_stopped_epoch_are_whole() -> None:
    one = run()
    trainer(3).fit([lambda e: "stop" if isinstance(e, Epoch) else None], one)
    newest, damaged = Checkpoints(one.path / "checkpoints").newest()
    assert newest is not None
    assert not damaged
    assert newest.meta["position"]["epoch"] == 1
