"""Contracts 1 to 5 and 7: a whole training step is captured once and replayed with eager's numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from descend import nn
from descend.engine import Cell, Tensor, manual_seed, override
from descend.optim import EMA, SWA, Adam, CosineSchedule
from tests.contracts.recorder import Recorder
from tests.optim.rules import RULES
from tests.optim.schedules.test_schedules import KINDS

BATCH, STEPS = 6, 10


class LeNetStep:
    """A training step of a small LeNet with BatchNorm, dropout, Adam and a schedule; the batch comes in cells."""

    def __init__(self) -> None:
        manual_seed(3)
        self.x = Cell(np.zeros((BATCH, 1, 12, 12), np.float32))
        self.y = Cell(np.zeros(BATCH, np.int64))
        self.loss = Cell(np.zeros((), np.float32))
        self.model = nn.Sequential(
            nn.Conv2d(1, 3, 5, padding=2), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(),
            nn.Linear(16, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.4), nn.Linear(8, 5),
        )  # fmt: skip
        self.optimizer = Adam(self.model.parameters(), 0.02, weight_decay=1e-3)
        self.schedule = CosineSchedule(self.optimizer, STEPS + 3, warmup=3, floor=0.1)

    def __call__(self) -> None:
        loss = nn.cross_entropy(self.model(self.x), self.y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.schedule.step()
        self.loss.write(loss)

    def load(self, number: int) -> None:
        rng = np.random.default_rng(number)
        self.x.write(rng.standard_normal(self.x.shape).astype(np.float32))
        self.y.write(rng.integers(0, 5, BATCH))

    def numbers(self) -> dict[str, np.ndarray]:
        return self.model.state_dict() | self.optimizer.state_dict() | {"loss": self.loss.numpy()}


def eager_trajectory() -> list[dict[str, np.ndarray]]:
    step, trajectory = LeNetStep(), []
    for number in range(STEPS + 1):
        step.load(number)
        step()
        trajectory.append(step.numbers())
    return trajectory


def replayed_trajectory(step: LeNetStep) -> list[dict[str, np.ndarray]]:
    recorder = Recorder()
    step.load(0)
    recorder.record(step)
    trajectory = [step.numbers()]
    for number in range(1, STEPS + 1):
        step.load(number)
        recorder.replay()
        trajectory.append(step.numbers())
    return trajectory


def difference(a: list[dict[str, np.ndarray]], b: list[dict[str, np.ndarray]]) -> float:
    return max(float(np.abs(p[name] - q[name]).max()) for p, q in zip(a, b, strict=True) for name in p)


def test_a_recorded_step_replays_with_the_numbers_of_eager():
    assert difference(eager_trajectory(), replayed_trajectory(LeNetStep())) < 1e-6


def test_everything_that_moves_in_a_step_is_written_through_a_cell():
    step, recorder = LeNetStep(), Recorder()
    step.load(0)
    recorder.record(step)
    written = {id(cell) for cell, _ in recorder.writes.values()}
    moving = [*dict(step.model.named_cells()).values(), *step.optimizer.state().values(), step.schedule.t]
    assert all(id(cell) in written for cell in moving)


def test_a_counter_kept_in_python_is_caught():
    class Counting(LeNetStep):
        ticks = 0

        def __call__(self) -> None:
            self.ticks += 1  # a Python number: it enters the trace as a constant
            super().__call__()
            self.loss.write(self.loss * float(self.ticks))

    eager, counting = Counting(), []
    for number in range(3):
        eager.load(number)
        eager()
        counting.append(eager.numbers()["loss"])
    replayed = [numbers["loss"] for numbers in replayed_trajectory(Counting())[:3]]
    assert counting[0] == pytest.approx(replayed[0])
    assert counting[2] != pytest.approx(replayed[2])


def test_replayed_dropout_draws_new_masks():
    """The random state is a cell: the same trace gives another mask at every replay, the one that eager draws."""
    x, kept = Tensor(np.ones(40, np.float32)), Cell(np.zeros(40, np.float32))
    layer = nn.Dropout(0.5)
    manual_seed(5)
    eager = [layer(x).numpy() for _ in range(3)]
    manual_seed(5)
    recorder = Recorder()
    recorder.record(lambda: kept.write(layer(x)))
    masks = [kept.numpy()]
    for _ in range(2):
        recorder.replay()
        masks.append(kept.numpy())
    assert np.array_equal(eager, masks)
    assert not np.array_equal(masks[0], masks[1])


def test_a_captured_tensor_is_an_input_by_identity():
    weights = Tensor(np.arange(3.0))
    result, recorder = Cell(np.zeros(3)), Recorder()
    recorder.record(lambda: result.write(weights * 2))
    assert [x is weights for x in recorder.captured.values()] == [True]
    weights[1] = 7.0  # a new value in the same box
    recorder.replay()
    assert result.numpy().tolist() == [0, 14, 4]


def test_an_overridden_function_is_one_opaque_row():
    p = nn.Parameter(np.ones(3, np.float32))
    from descend.optim import SGD

    optimizer, recorder = SGD([p], 0.5), Recorder()
    calls = []

    def update(p: np.ndarray, g: np.ndarray, lr: np.ndarray) -> np.ndarray:
        calls.append(p)
        return p - lr * g

    with override("optim.sgd.update", update):
        (p * p).sum().backward()
        recorder.record(optimizer.step)
        names = [row.primitive.name for row in recorder.rows]
        assert names.count("callback") == 1
        assert "sub" not in names
        recorder.replay()
    assert len(calls) == 2


class Fit:
    """A step of a small network, with any rule and any schedule; the batch comes in cells."""

    def __init__(self, rule: Any, schedule: Any) -> None:
        manual_seed(4)
        self.x, self.y = Cell(np.zeros((7, 3), np.float32)), Cell(np.zeros((7, 2), np.float32))
        self.model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
        self.optimizer = rule(self.model.parameters())
        self.parts = [self.model, self.optimizer, schedule(self.optimizer)]
        self.parts += [EMA(self.model.parameters(), 0.9), SWA(self.model.parameters())]

    def __call__(self) -> None:
        self.optimizer.zero_grad()
        nn.mse_loss(self.model(self.x), self.y).backward()
        self.optimizer.step()
        self.parts[2].step()
        for average in self.parts[3:]:
            average.update()

    def load(self, number: int) -> None:
        rng = np.random.default_rng(number)
        for cell in (self.x, self.y):
            cell.write(rng.standard_normal(cell.shape).astype(np.float32))

    def numbers(self) -> dict[str, np.ndarray]:
        return {f"{i} {name}": a for i, part in enumerate(self.parts) for name, a in part.state_dict().items()}


def trajectories(rule: Any, schedule: Any, steps: int = 12) -> tuple[Any, Any]:
    eager, traced, recorder = Fit(rule, schedule), Fit(rule, schedule), Recorder()
    found: tuple[list[Any], list[Any]] = [], []
    for number in range(steps):
        for fit in (eager, traced):
            fit.load(number)
        eager()
        recorder.replay() if number else recorder.record(traced)
        for numbers, fit in zip(found, (eager, traced), strict=True):
            numbers.append(fit.numbers())
    return found


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_every_update_rule_is_replayed(rule):
    assert difference(*trajectories(rule.ours, lambda o: CosineSchedule(o, 20, 3, 0.1))) < 1e-6


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_schedule_is_replayed(kind):
    assert difference(*trajectories(lambda p: Adam(p, 0.02), kind.ours, steps=20)) < 1e-6
