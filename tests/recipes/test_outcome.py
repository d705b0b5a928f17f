from __future__ import annotations

from dataclasses import replace

import pytest

from descend.engine.errors import DescendError
from descend.recipes import registry
from descend.recipes.outcome import outcome
from descend.train.diff import last_metrics
from descend.train.events import Done
from descend.train.runs import Run
from tests.recipes.finished import new_run, trained_run

MLP = registry.get("digits-mlp")


def test_it_has_the_metrics_and_the_reason_why_they_do_not_compare(finished: Run) -> None:
    found = outcome(finished, MLP)
    assert found.metrics == last_metrics(finished.events())
    assert not found.stopped
    assert "hidden is 30, not 100" in found.unchecked
    assert "batch_size is 25, not 32" in found.unchecked
    assert set(found.pictures) == {"curve", "mistakes", "confusion"}


def test_a_run_with_the_recipes_own_settings_compares_whatever_its_seed() -> None:
    own = replace(MLP, settings={**MLP.settings, **MLP.tiny})
    assert outcome(trained_run(seed=4), own).unchecked == ""


def test_a_stopped_run_does_not_compare() -> None:
    own = replace(MLP, settings={**MLP.settings, **MLP.tiny})
    run = trained_run()
    with run.writing() as journal:
        journal.record(Done({"test_accuracy": 0.1}, 1.0, stopped=True))
    found = outcome(run, own)
    assert found.stopped
    assert found.unchecked == "it was stopped before its end"


def test_a_run_without_an_end_has_none() -> None:
    with pytest.raises(DescendError, match="has not come to its end"):
        outcome(new_run(), MLP)
