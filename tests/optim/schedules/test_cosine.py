from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend import nn
from descend.engine import ShapeError, UsageError
from descend.optim import SGD, Adam, CosineSchedule
from tests.nn.refusal import Mistake, check
from tests.optim.peer import arrays, network, train


def optimizer(lr: float = 0.1) -> SGD:
    return SGD([nn.Parameter([1.0])], lr)


def rates(o: SGD, schedule: CosineSchedule, n: int) -> list[float]:
    found = []
    for _ in range(n):
        found.append(o.lr.item())
        schedule.step()
    return found


@given(st.data(), st.integers(1, 40), st.floats(1e-6, 10), st.floats(0, 1))
def test_follows_its_formula(data, steps, lr, floor):
    warmup = data.draw(st.integers(0, steps - 1))
    o = optimizer(lr)
    for t, found in enumerate(rates(o, CosineSchedule(o, steps, warmup, floor), steps + 5)):
        done = min(max((t - warmup) / (steps - warmup), 0), 1)
        up = min((t + 1) / warmup, 1) if warmup else 1
        expected = lr * up * (floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2)
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)


@given(st.data(), st.integers(1, 40), st.floats(0, 1))
def test_goes_up_to_the_peak_then_down_to_the_floor_and_stays(data, steps, floor):
    warmup = data.draw(st.integers(0, steps - 1))
    o = optimizer()
    found = rates(o, CosineSchedule(o, steps, warmup, floor), steps + 5)
    assert found[max(warmup - 1, 0)] == found[warmup] == max(found) == pytest.approx(0.1)
    assert np.all(np.diff(found[:warmup]) > 0)
    assert np.all(np.diff(found[warmup:]) <= 1e-17)
    assert found[steps:] == pytest.approx([0.1 * floor] * 5)


def test_agrees_with_pytorch():
    o, p = optimizer(), torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], 0.1)
    schedule, theirs = CosineSchedule(o, 20, floor=0.2), torch.optim.lr_scheduler.CosineAnnealingLR(p, 20, eta_min=0.02)
    for found in rates(o, schedule, 21):
        assert found == pytest.approx(p.param_groups[0]["lr"], rel=1e-9)
        p.step()
        theirs.step()


def test_resuming_gives_the_same_bits_as_going_on():
    def build(model):
        o = Adam(model.parameters(), 0.05)
        return o, CosineSchedule(o, 15, warmup=4, floor=0.1)

    model, again = network(nn), network(nn)
    o, schedule = build(model)
    train(model, o, 6, schedule)
    states = model.state_dict(), o.state_dict(), schedule.state_dict()
    train(model, o, 12, schedule)
    resumed, rest = build(again)
    for part, state in zip((again, resumed, rest), states, strict=True):
        part.load_state_dict(state)
    assert resumed.lr.item() == states[1]["lr"]
    train(again, resumed, 12, rest)
    assert arrays(again) == arrays(model)


def test_the_peak_is_resumed_even_on_an_optimiser_with_another_rate():
    o = optimizer(0.1)
    schedule = CosineSchedule(o, 10)
    schedule.step()
    other = optimizer(7.0)
    CosineSchedule(other, 10).load_state_dict(schedule.state_dict())
    assert other.lr.item() == o.lr.item()


def test_a_state_is_a_copy():
    schedule = CosineSchedule(optimizer(), 10)
    state = schedule.state_dict()
    schedule.step()
    assert state["t"] == 0
    schedule.state_dict()["peak"][...] = 7
    assert schedule.state_dict()["peak"] == 0.1


@pytest.mark.parametrize(
    ("settings", "given", "needed"),
    [
        ({"steps": 0}, "steps=0", "steps >= 1"),
        ({"steps": "10"}, "steps='10'", "steps >= 1"),
        ({"steps": 2.5}, "steps=2.5", "steps >= 1"),
        ({"steps": 10, "warmup": -1}, "warmup=-1", "warmup >= 0"),
        ({"steps": 10, "warmup": 10}, "steps=10, warmup=10", "0 <= warmup < steps"),
        ({"steps": 10, "floor": -0.1}, "floor=-0.1", "floor >= 0"),
        ({"steps": 10, "floor": 1.5}, "floor=1.5", "0 <= floor <= 1"),
        ({"steps": 10, "floor": float("nan")}, "floor=nan", "floor >= 0"),
    ],
)
def test_wrong_settings(settings, given, needed):
    o = optimizer()
    check(Mistake(lambda: CosineSchedule(o, **settings), UsageError, "", given, needed))
    assert o.lr.item() == 0.1


@pytest.mark.parametrize(
    ("state", "kind", "given", "needed"),
    [
        ({}, UsageError, "", "peak, t"),
        ({"t": 3}, UsageError, "t", "peak, t"),
        ({"t": 3, "peak": 1, "lr": 0}, UsageError, "lr, peak, t", "peak, t"),
        ({"t": [3], "peak": 1}, ShapeError, "(1,)", "()"),
    ],
)
def test_a_wrong_state_is_refused_and_nothing_of_it_is_loaded(state, kind, given, needed):
    o = optimizer()
    schedule = CosineSchedule(o, 10)
    check(Mistake(lambda: schedule.load_state_dict(state), kind, "", given, needed))
    assert schedule.state_dict() == {"t": 0, "peak": 0.1}
    assert o.lr.item() == 0.1
