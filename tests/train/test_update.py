"""A trainer whose updates are compiled."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from descend.engine import NonFiniteError, UsageError, default_generator
from descend.optim import LBFGS, SGD, CosineSchedule
from descend.train import Saving, Trainer
from descend.train.evaluate import evaluate
from descend.train.events import Done, Epoch, Step
from tests.train.small import STEPS, batches, equal_bits, run, trainer, weights


def trained(executor: str | None) -> tuple[list[Step], dict[str, np.ndarray]]:
    """The steps of a training, and the weights after it; trainings draw from one stream, so one after the other."""
    one = trainer() if executor is None else trainer().compile(executor)
    return [event for event in one.events() if isinstance(event, Step)], weights(one)


def test_interpreted_updates_are_eager_s_bit_for_bit() -> None:
    (eager, wanted), (compiled, found) = trained(None), trained("interpret")
    assert eager == compiled
    assert equal_bits(wanted, found)


def test_native_updates_reach_the_same_losses() -> None:
    (eager, wanted), (compiled, found) = trained(None), trained("auto")
    assert [step.lr for step in eager] == [step.lr for step in compiled]
    np.testing.assert_allclose([step.loss for step in compiled], [step.loss for step in eager], rtol=1e-3)
    # The first bias has the gradient 0, as BatchNorm takes it away again: Adam follows the rounding there.
    np.testing.assert_allclose(found["4.weight"], wanted["4.weight"], rtol=0, atol=1e-3)


def test_a_loss_that_is_not_finite_changes_nothing() -> None:
    one = trainer().compile("interpret")
    first = next(one.model.parameters())
    with pytest.raises(NonFiniteError):
        for event in one.events():
            if isinstance(event, Step) and event.step == 2:
                first.write(first * np.nan)
                before = weights(one)
    assert equal_bits(before, weights(one))


def test_what_cannot_be_compiled_is_refused() -> None:
    divided = trainer()
    divided.pieces = 2
    with pytest.raises(UsageError, match="2 pieces"):
        divided.compile()
    searching = trainer()
    searching.optimizer = LBFGS(searching.model.parameters())
    with pytest.raises(UsageError, match="LBFGS"):
        searching.compile()


def by_rule(rule: str, executor: str) -> Trainer:
    """A compiled trainer with BatchNorm, dropout and a schedule."""
    one = trainer()
    if rule == "momentum":
        one.optimizer = SGD(one.model.parameters(), 0.05, momentum=0.9)
        one.schedule = CosineSchedule(one.optimizer, 100, warmup=4)
    return one.compile(executor)


@pytest.mark.parametrize("n_steps", [1, STEPS - 1, STEPS, STEPS + 2])
@pytest.mark.parametrize("rule", ["momentum", "Adam"])
@pytest.mark.parametrize("executor", ["interpret", "native"])
def test_a_resumed_compiled_run_equals_an_uninterrupted_one(executor: str, rule: str, n_steps: int) -> None:
    saving = Saving(steps=2, seconds=None)
    whole, one = by_rule(rule, executor), run(executor=executor)
    expected = [event for event in whole.events() if isinstance(event, Epoch | Done)]
    interrupted = by_rule(rule, executor).events(one, saving=saving)
    steps = (event for event in interrupted if isinstance(event, Step))
    assert len(list(islice(steps, n_steps))) == n_steps
    interrupted.close()
    resumed = by_rule(rule, executor)
    list(resumed.events(one, saving=saving))
    assert equal_bits(weights(resumed), weights(whole))
    told = [event for event in one.events() if isinstance(event, Epoch | Done)]
    assert [event.metrics for event in told] == [event.metrics for event in expected]


@pytest.mark.parametrize("executor", ["interpret", "auto"])
def test_evaluations_are_compiled_and_find_what_eager_ones_find(executor: str) -> None:
    one = trainer().compile(executor)
    one.fit()
    assert one._outputs is not None
    assert one._outputs.traces == 3  # whole batches, and the smaller last ones of two splits
    test = batches(30, 4)
    found, wanted = one.evaluate(test), evaluate(one.model, one.loss, test, one.evaluation.metrics)
    assert found == wanted if executor == "interpret" else found == pytest.approx(wanted, rel=1e-5)


def test_an_evaluation_leaves_the_updates_as_they_are() -> None:
    one = trainer().compile("interpret")
    before, stream = weights(one), default_generator().state_dict()
    one.evaluate(one.loader)
    assert equal_bits(before, weights(one))
    assert equal_bits(stream, default_generator().state_dict())
    assert all(p.grad is None for p in one.model.parameters())
