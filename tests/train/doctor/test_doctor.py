"""The doctor on trainings, sick and healthy, with data and weights that no threshold was chosen on."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from descend import nn, optim
from descend.engine import Tensor, default_generator
from descend.engine.errors import DescendError
from descend.train import events
from descend.train.doctor import CHECKS, Doctor, findings, report
from descend.train.doctor.looking import due
from descend.train.events import Done, Event, Resumed, Start
from tests.train.doctor.trainings import HEALTHY, SICK, Training, blobs, case, mlp, sgd
from tests.train.small import equal_bits, run, trainer, weights

SEED = 1


def examined(training: Training, seed: int = SEED) -> list[Event]:
    """The events of a training with a doctor, up to its end or its failure."""
    trainer, happened = training.make(seed), []
    trainer.callbacks = [Doctor(trainer)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        with suppress(DescendError):
            for event in trainer.events():
                happened += [event]
    return happened


@pytest.fixture(scope="module")
def named() -> dict[str, list[str]]:
    """The topics that the doctor names, by training."""
    return {t.name: [w.topic for w in findings(examined(t))] for t in [*SICK, *HEALTHY]}


def test_there_are_enough_and_all_kinds_of_them() -> None:
    assert len(SICK) >= 20
    assert len(HEALTHY) >= 20
    assert {t.topic for t in SICK} == {check.topic for check in CHECKS}
    assert len({t.name for t in [*SICK, *HEALTHY]}) == len(SICK) + len(HEALTHY)


def test_nine_in_ten_of_the_sick_are_named_rightly(named: dict[str, list[str]]) -> None:
    missed = {t.name: named[t.name] for t in SICK if t.topic not in named[t.name]}
    assert len(missed) <= len(SICK) // 10, missed


def test_every_kind_of_trouble_is_named_somewhere(named: dict[str, list[str]]) -> None:
    assert {t.topic for t in SICK if t.topic in named[t.name]} == {check.topic for check in CHECKS}


def test_at_most_one_of_the_healthy_is_called_sick(named: dict[str, list[str]]) -> None:
    alarms = {t.name: named[t.name] for t in HEALTHY if named[t.name]}
    assert len(alarms) <= 1, alarms


def test_few_other_things_are_named_beside(named: dict[str, list[str]]) -> None:
    beside = [topic for t in SICK for topic in named[t.name] if topic != t.topic]
    assert len(beside) <= len(SICK) // 3
    assert all(len(topics) == len(set(topics)) for topics in named.values())


def test_every_finding_has_evidence_in_numbers_and_a_remedy() -> None:
    for training in SICK[::4]:
        for warning in findings(examined(training)):
            what, _, remedy = warning.message.partition(". Remedy: ")
            name, _, evidence = what.partition(": ")
            assert name == next(check.name for check in CHECKS if check.topic == warning.topic)
            assert any(letter.isdigit() for letter in evidence) or warning.topic == "wrong_mode"
            assert len(remedy) > 20


def test_nothing_in_the_training_is_changed() -> None:
    plain, watched = trainer(4), trainer(4)
    plain = trainer(4)
    list(plain.events())
    stream = default_generator().state_dict()
    watched = trainer(4)
    watched.fit([Doctor(watched)])
    assert equal_bits(weights(plain), weights(watched))
    assert equal_bits(stream, default_generator().state_dict())


def test_the_report_reads_the_stream() -> None:
    happened = examined(SICK[0])
    text = report(happened)
    assert text.startswith("The doctor found one thing.\n\ninputs are not scaled (before training)\n  evidence  values")
    assert "\n  remedy    subtract the mean" in text
    assert report([Start(1, 1)]) == "The doctor found nothing wrong."
    assert findings([events.Warning("checkpoint", "another's")]) == []


def test_findings_are_recorded_with_a_run_and_read_back() -> None:
    one, training = run(), SICK[0].make(SEED)
    training.callbacks = [Doctor(training)]
    list(training.events(one))
    assert [w.topic for w in findings(one.events())] == ["unscaled_inputs"]
    again = SICK[0].make(SEED)
    again.epochs += 1
    again.callbacks = [Doctor(again)]
    assert any(isinstance(event, Resumed) for event in again.fit(run=one).events)
    assert [event.topic for event in one.events() if isinstance(event, events.Warning)].count("unscaled_inputs") == 2
    assert [w.topic for w in findings(one.events())].count("unscaled_inputs") == 1
    assert findings(one.events())[0].step == 0


def test_only_the_checks_that_are_asked_for() -> None:
    training = case("two things wrong", "", blobs, lambda: mlp(2, 8, 3), sgd(1e-7), change=lambda x, y, _: (x * 999, y))
    trained = training.make(SEED)
    only = [check for check in CHECKS if check.topic == "rate_low"]
    assert [w.topic for w in findings(trained.fit([Doctor(trained, only)]).events)] == ["rate_low"]


def test_looks_become_rarer() -> None:
    looks = [step for step in range(1, 1000) if due(step)]
    assert looks[:5] == [2, 3, 5, 8, 13]
    assert len(looks) < 20
    gaps = np.diff(looks)
    assert (gaps[1:] >= gaps[:-1]).all()


def _doubled(n: int, rng: np.random.Generator) -> Any:
    x = rng.standard_normal((n, 3)).astype(np.float32)
    return x, x[:, :1] * 2


def test_what_does_not_classify_is_examined_too() -> None:
    low, high = (
        case("", "", _doubled, lambda: mlp(3, 8, 1), lambda p, lr=lr: optim.Adam(p, lr), loss=nn.mse_loss).make(SEED)
        for lr in (0.01, 10.0)
    )
    assert findings(low.fit([Doctor(low)]).events) == []
    assert "rate_high" in [w.topic for w in findings(high.fit([Doctor(high)]).events)]


@pytest.mark.parametrize("name", ["eight sigmoid layers", "all weights 0.1", "one layer twelve times", "SGD"])
def test_a_compiled_training_is_examined_too(name: str) -> None:
    training = next(t for t in [*SICK, *HEALTHY] if t.name == name)
    trained = training.make(SEED).compile("interpret")
    topics = [w.topic for w in findings(trained.fit([Doctor(trained)]).events)]
    assert training.topic in topics if training.topic else topics == []


def test_a_training_that_cannot_be_examined_goes_on_with_one_warning() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            self.inside = mlp(2, 8, 3)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            y = self.inside(x)
            return y, y * 2

    trained = case("", "", blobs, Two, sgd(0.1), loss=lambda y, labels: nn.cross_entropy(y[0], labels), blind=True)
    plain, watched = trained.make(SEED), trained.make(SEED)
    list(plain.events())
    watched = trained.make(SEED)
    happened = watched.fit([Doctor(watched)]).events
    warned = [event for event in happened if isinstance(event, events.Warning)]
    assert [w.topic for w in warned] == ["doctor"]
    assert "AttributeError" in warned[0].message
    assert isinstance(happened[-1], Done)
    assert equal_bits(weights(plain), weights(watched))
