from __future__ import annotations

import pytest

from descend.train import events as e
from descend.train.board import Board


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def step(number: int, loss: float = 0.5) -> e.Step:
    return e.Step(number, 1 + (number - 1) // 10, loss, 0.1)


def board(*events: e.Event) -> Board:
    shown = Board()
    for event in events:
        shown.take(event)
    return shown


def test_it_knows_where_training_stands() -> None:
    shown = board(e.Start(3, 10), *map(step, range(1, 13)))
    assert (shown.step, shown.epoch, shown.n_steps, shown.lr, shown.loss) == (12, 2, 30, 0.1, 0.5)
    assert board().n_steps == 0


def test_the_rate_and_the_time_left_are_measured() -> None:
    clock = Clock()
    shown = Board(clock)
    shown.take(e.Start(2, 100))
    for number in range(50, 101):
        clock.now += 0.1
        shown.take(step(number))
    assert shown.rate == pytest.approx(10.0)
    assert shown.seconds_left == pytest.approx(10.0)
    assert Board(clock).seconds_left is None


def test_a_pause_does_not_slow_the_rate() -> None:
    clock = Clock()
    shown = Board(clock)
    shown.take(e.Start(2, 100))
    for number in range(1, 50):
        if number == 25:
            shown.take(e.Paused(24))
            assert shown.paused
            clock.now += 1000
            shown.take(e.Resumed(24, 1))
            assert not shown.paused
        clock.now += 0.1
        shown.take(step(number))
    assert shown.rate == pytest.approx(10.0, rel=0.01)


def test_a_long_curve_keeps_its_shape_and_its_mean() -> None:
    shown = board(*(step(number, float(number)) for number in range(1, 5001)))
    assert len(shown.losses) <= 1024
    assert sorted(shown.losses) == shown.losses
    assert shown.losses[0] < 10
    assert shown.losses[-1] > 4980
    assert shown.loss == 5000


def test_resuming_takes_back_what_is_superseded() -> None:
    epochs = [e.Epoch(number, 10 * number, {}, 1.0) for number in (1, 2, 3)]
    shown = board(e.Start(4, 10), *epochs, e.Done({}, 1.0, stopped=True), e.Start(4, 10), e.Resumed(15, 2))
    assert [epoch.epoch for epoch in shown.epochs] == [1]
    assert (shown.step, shown.epoch, shown.end) == (15, 2, None)


def test_it_collects_what_is_worth_keeping() -> None:
    end, sample = e.Done({"test_accuracy": 0.9}, 2.0), e.Sample("mistakes", "mistakes.png", 5)
    shown = board(e.Warning("lr", "too high"), sample, end)
    assert (shown.warnings, shown.samples, shown.end) == (["too high"], [sample], end)
