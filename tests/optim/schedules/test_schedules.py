"""What holds for every schedule, and agreement with PyTorch's."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler as T

from descend import nn, optim
from descend.engine import UsageError
from descend.optim import SGD, Adam
from tests.nn.refusal import Mistake, check
from tests.optim.peer import arrays, network, train


class Kind(NamedTuple):
    name: str
    ours: Callable[[optim.Optimizer], optim.Schedule]
    theirs: Callable[[Any], Any] | None = None


def _same(name: str, *settings: Any, **named: Any) -> Kind:
    return Kind(
        f"{name}{settings}{named}",
        lambda o: getattr(optim, name)(o, *settings, **named),
        lambda o: getattr(T, name)(o, *settings, **named),
    )


KINDS = [
    _same("StepLR", 3, 0.5),
    _same("StepLR", 7),
    _same("MultiStepLR", [2, 3, 11], gamma=0.3),
    _same("ExponentialLR", 0.9),
    _same("LinearLR"),
    _same("LinearLR", 0.1, 0.7, 9),
    _same("PolynomialLR", 12, 2.5),
    _same("CosineAnnealingWarmRestarts", 5),
    _same("CosineAnnealingWarmRestarts", 3, 2, 0.01),
    _same("CosineAnnealingWarmRestarts", 1, 3),
    Kind(
        "OneCycleLR", lambda o: optim.OneCycleLR(o, 0.5, 30),
        lambda o: T.OneCycleLR(o, 0.5, 30, cycle_momentum=False),
    ),
    Kind(
        "OneCycleLR, set", lambda o: optim.OneCycleLR(o, 0.5, 28, 0.5, 10.0, 100.0),
        lambda o: T.OneCycleLR(
            o, 0.5, 28, pct_start=0.5, cycle_momentum=False, div_factor=10.0, final_div_factor=100.0
        ),
    ),
    Kind(
        "one after the other",
        lambda o: optim.SequentialLR(o, [optim.LinearLR(o, 0.1, 1, 4), optim.ExponentialLR(o, 0.8)], [4]),
        lambda o: T.SequentialLR(o, [T.LinearLR(o, 0.1, 1, 4), T.ExponentialLR(o, 0.8)], [4]),
    ),
    Kind(
        "multiplied", lambda o: optim.ChainedScheduler([optim.LinearLR(o, 0.1, 1, 4), optim.StepLR(o, 5, 0.5)]),
        lambda o: T.ChainedScheduler([T.LinearLR(o, 0.1, 1, 4), T.StepLR(o, 5, 0.5)]),
    ),
    Kind("CosineSchedule", lambda o: optim.CosineSchedule(o, 20, 3, 0.1)),
    Kind("InverseSquareRoot", lambda o: optim.InverseSquareRoot(o, 5)),
]  # fmt: skip
EACH = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def test_no_schedule_is_left_out():
    optimizer = SGD([nn.Parameter([1.0])], 0.1)
    exported = {part for part in vars(optim).values() if inspect.isclass(part) and issubclass(part, optim.Schedule)}
    assert {type(kind.ours(optimizer)) for kind in KINDS} == exported - {optim.Schedule}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.theirs], ids=lambda kind: kind.name)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_agrees_with_pytorch(kind):
    ours, theirs = SGD([nn.Parameter([1.0])], 0.1), torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], 0.1)
    schedule, their_schedule = kind.ours(ours), kind.theirs(theirs)
    for step in range(28):
        assert ours.lr.item() == pytest.approx(theirs.param_groups[0]["lr"], rel=1e-9, abs=1e-12), step
        theirs.step()
        schedule.step()
        if step < 27:
            their_schedule.step()


@EACH
def test_resuming_gives_the_same_bits_as_going_on(kind):
    model, again = network(nn), network(nn)
    optimizer, resumed = (Adam(m.parameters(), 0.05) for m in (model, again))
    schedule, rest = kind.ours(optimizer), kind.ours(resumed)
    train(model, optimizer, 6, schedule)
    states = model.state_dict(), optimizer.state_dict(), schedule.state_dict()
    train(model, optimizer, 12, schedule)
    for part, state in zip((again, resumed, rest), states, strict=True):
        part.load_state_dict(state)
    train(again, resumed, 12, rest)
    assert arrays(again) == arrays(model)


@EACH
def test_the_rate_is_the_peak_times_the_factor(kind):
    optimizer = SGD([nn.Parameter([1.0])], 0.1)
    schedule = kind.ours(optimizer)
    assert schedule.peak.item() == (0.5 if "OneCycle" in kind.name else 0.1)
    for _ in range(100):
        assert 0 <= optimizer.lr.item() <= schedule.peak.item() * (1 + 1e-12)
        schedule.step()
    assert schedule.t.item() == 100


def test_a_schedule_made_later_starts_from_the_same_rate():
    optimizer = SGD([nn.Parameter([1.0])], 0.1)
    optim.LinearLR(optimizer, 0.01)
    assert optim.ExponentialLR(optimizer, 0.9).peak.item() == 0.1


def test_the_inverse_square_root_is_the_transformers():
    """Vaswani et al. 2017, Eq. 3: d^-0.5 min(n^-0.5, n w^-1.5), n from 1, times a number that makes the peak 1."""
    optimizer = SGD([nn.Parameter([1.0])], 1.0)
    schedule, w = optim.InverseSquareRoot(optimizer, 40), 40
    for n in range(1, 200):
        assert optimizer.lr.item() == pytest.approx(min(n**-0.5, n * w**-1.5) * w**0.5, rel=1e-12)
        schedule.step()


def test_a_schedule_with_a_peak_of_its_own_keeps_it_among_others():
    optimizer, alone = (SGD([nn.Parameter([1.0])], 0.1) for _ in range(2))
    cycle = optim.OneCycleLR(alone, 0.5, 20)
    both = optim.SequentialLR(
        optimizer, [optim.LinearLR(optimizer, 0.1, 1, 4), optim.OneCycleLR(optimizer, 0.5, 20)], [4]
    )
    for step in range(30):
        if step >= 4:
            assert optimizer.lr.item() == pytest.approx(alone.lr.item())
            cycle.step()
        both.step()


def test_restarts_are_told_apart_a_long_way_out():
    schedule = optim.CosineAnnealingWarmRestarts(SGD([nn.Parameter([1.0])], 1.0), 3, 2)
    for number in range(1, 30):
        start = 3 * (2**number - 1)
        schedule.t.write(start - 1)
        schedule.step()
        assert schedule.optimizer.lr.item() == 1
        schedule.t.write(start - 2)
        schedule.step()
        assert schedule.optimizer.lr.item() < 0.3


O = SGD([nn.Parameter([1.0])], 0.1)


@pytest.mark.parametrize(
    ("make", "given", "needed"),
    [
        (lambda: optim.StepLR(O, 0), "step_size=0", "step_size >= 1"),
        (lambda: optim.StepLR(O, 2, -1), "gamma=-1", "gamma >= 0"),
        (lambda: optim.MultiStepLR(O, []), "milestones=[]", "[30, 80]"),
        (lambda: optim.MultiStepLR(O, [3, 2]), "milestones=[3, 2]", "[30, 80]"),
        (lambda: optim.MultiStepLR(O, 5), "milestones=5", "[30, 80]"),
        (lambda: optim.LinearLR(O, -1.0), "start_factor=-1.0", "start_factor >= 0"),
        (lambda: optim.PolynomialLR(O, 5, 0), "power=0", "power > 0"),
        (lambda: optim.InverseSquareRoot(O, 0), "warmup=0", "warmup >= 1"),
        (lambda: optim.CosineAnnealingWarmRestarts(O, 5, 0), "T_mult=0", "T_mult >= 1"),
        (lambda: optim.OneCycleLR(O, 1.0, 3, 0.3), "pct_start=0.3, total_steps=3", "1 <="),
        (lambda: optim.SequentialLR(O, [optim.StepLR(O, 1)], [5]), "1 schedules, 1 milestones", "0 milestones"),
        (lambda: optim.ChainedScheduler([]), "no schedules", "at least one"),
        (lambda: optim.ChainedScheduler([optim.StepLR(O, 1), optim.ReduceLROnPlateau(O)]), "ReduceLROn", "same"),
        (lambda: optim.ReduceLROnPlateau(O, "less"), "mode='less'", "'min' or 'max'"),
        (lambda: optim.ReduceLROnPlateau(O, factor=1.0), "factor=1.0", "0 <= factor < 1"),
    ],
)  # fmt: skip
def test_wrong_settings(make, given, needed):
    check(Mistake(make, UsageError, "", given, needed))


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("cooldown", [0, 3])
def test_a_plateau_is_pytorchs(mode, cooldown):
    rng = np.random.default_rng(0)
    ours, theirs = SGD([nn.Parameter([1.0])], 0.1), torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], 0.1)
    schedule = optim.ReduceLROnPlateau(ours, mode, 0.5, patience=2, threshold=0.05, cooldown=cooldown, min_lr=1e-3)
    peer = T.ReduceLROnPlateau(theirs, mode, 0.5, patience=2, threshold=0.05, cooldown=cooldown, min_lr=1e-3, eps=0)
    lowered = 0
    for step in range(60):
        metric = 1 / (1 + step / 10) + 0.2 * rng.random()
        before = ours.lr.item()
        assert schedule.step(metric) in (True, False)
        peer.step(metric)
        lowered += ours.lr.item() < before
        assert ours.lr.item() == pytest.approx(theirs.param_groups[0]["lr"])
        if step == 30:
            saved = schedule.state_dict()
            schedule = optim.ReduceLROnPlateau(ours, mode, 0.5, 2, 0.05, cooldown, 1e-3)
            schedule.load_state_dict(saved)
    assert lowered >= 3


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize(("threshold", "patience", "cooldown"), [(0.0, 0, 0), (0.25, 2, 1), (0.25, 0, 3), (1e-4, 1, 0)])
def test_a_metric_that_is_exactly_at_the_threshold_is_no_better(mode, threshold, patience, cooldown):
    """Few values, that are met again and again: 1 - 1/4 and 1 + 1/4 of others are among them."""
    rng = np.random.default_rng(1)
    ours, theirs = SGD([nn.Parameter([1.0])], 0.1), torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], 0.1)
    schedule = optim.ReduceLROnPlateau(ours, mode, 0.5, patience, threshold, cooldown)
    peer = T.ReduceLROnPlateau(theirs, mode, 0.5, patience, threshold, cooldown=cooldown, eps=0)
    for metric in rng.choice([0.75, 1.0, 1.25, 0.5625, 1.5625], 40):
        schedule.step(metric)
        peer.step(metric)
        assert ours.lr.item() == pytest.approx(theirs.param_groups[0]["lr"])
    assert ours.lr.item() < 0.1


@pytest.mark.parametrize(
    "name",
    [
        "StepLR", "MultiStepLR", "ExponentialLR", "LinearLR", "PolynomialLR", "OneCycleLR", "ReduceLROnPlateau",
        "CosineAnnealingWarmRestarts",
    ],
)  # fmt: skip
def test_the_settings_left_out_are_pytorchs(name):
    ours, theirs = (
        {one.name: one.default for one in inspect.signature(getattr(home, name)).parameters.values()}
        for home in (optim, T)
    )
    needed = inspect.Parameter.empty  # OneCycleLR counts its steps; there, PyTorch computes them from epochs
    both = {key for key in ours.keys() & theirs.keys() if ours[key] is not needed}
    assert len(both) >= (0 if name == "ExponentialLR" else 1)
    assert {key: ours[key] for key in both} == {key: theirs[key] for key in both}


def test_a_line_of_one_step_and_a_cosine_without_a_floor():
    for make, last in (
        (lambda o: optim.LinearLR(o, 0.5, 0.25, 1), 0.25), (lambda o: optim.PolynomialLR(o, 1), 0.0),
        (lambda o: optim.CosineSchedule(o, 1), 0.0), (lambda o: optim.InverseSquareRoot(o, 1), 0.5**0.5),
    ):  # fmt: skip
        optimizer = SGD([nn.Parameter([1.0])], 1.0)
        make(optimizer).step()
        assert optimizer.lr.item() == pytest.approx(last, abs=1e-12)
