from __future__ import annotations

from descend.recipes.demonstration import Demonstration
from descend.train.events import Done, Start
from descend.train.runs import Run, RunInfo

VALUES = Demonstration(lambda: {"f": -12, "f after a step": -11.5922})


def test_it_starts_and_ends_with_its_values() -> None:
    start, done = VALUES.events()
    assert isinstance(start, Start)
    assert isinstance(done, Done)
    assert done.metrics == {"f": -12.0, "f after a step": -11.5922}
    assert all(type(value) is float for value in done.metrics.values())


def test_a_run_records_it() -> None:
    run = Run.create(RunInfo.now("circuits", 0, {}))
    given = list(VALUES.events(run))
    assert run.events() == given
    assert run.status() == "finished"
