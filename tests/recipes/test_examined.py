"""Every run of a recipe is examined: what the doctor finds is among its events."""

from __future__ import annotations

import pytest

from descend.recipes import child, registry
from descend.train.doctor import findings
from descend.train.runs import Run, RunInfo


@pytest.mark.parametrize(("lr", "topics"), [(0.3, set()), (60.0, {"dead_relu", "rate_high"})])
def test_findings_are_events_of_the_run(lr: float, topics: set[str]) -> None:
    recipe = registry.get("digits-mlp")
    settings = dict(recipe.settings) | {"lr": lr, "epochs": 2}
    run = Run.create(RunInfo.now("digits-mlp", 0, settings))
    child.train(run)
    assert {warning.topic for warning in findings(run.events())} == topics
    assert run.status() == "finished"
