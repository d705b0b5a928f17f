"""A trainer whose updates are compiled."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir

import numpy as np
import pytest

from descend.engine import NonFiniteError, UsageError, default_generator
from descend.optim import LBFGS
from descend.train.evaluate import evaluate
from descend.train.events import Step
from tests.train.small import batches, equal_bits, trainer, weights


@pytest.fixture(autouse=True)
def kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESCEND_KERNELS", str(Path(gettempdir()) / "descend-test-kernels"))


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
