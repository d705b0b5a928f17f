from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from descend.engine.errors import UsageError
from descend.studio.shown.answers import Answers
from descend.studio.shown.declaration import MOST_METRICS
from descend.studio.shown.exhibit import Exhibit, Exhibits
from descend.studio.shown.snapshot import STATISTICS, Named, Snapshot

LAYERS = Named(("a", "b"), ({}, {}))
MOVED = STATISTICS.index("moved")


def exhibit(name: str = "net") -> Exhibit:
    wall: Any = None
    return Exhibit(name, {"about": {"framework": "descend"}}, wall, LAYERS)


def frame(step: int, value: float, moved: float = np.nan) -> Snapshot:
    statistics = np.full((2, len(STATISTICS)), value, np.float32)
    statistics[:, MOVED] = moved
    return Snapshot(step, {"statistics": statistics}, {}, Answers(np.zeros((1, 1)), [""], [None]))


def test_curves_end_where_one_looks() -> None:
    found = exhibit()
    for step in range(5):
        found.losses.add(step, 1.0)
        found.put(frame(step, step / 2))
    curves = found.curves(1, until=2)
    assert curves["loss"][:, 0].tolist() == [0, 1, 2]
    assert curves["mean"].tolist() == [[0, 0], [1, 0.5], [2, 1]]
    assert curves["weight_norm"].tolist() == curves["mean"][1:].tolist()  # 0 has no place on a logarithmic scale
    assert curves["moved"].shape == (0, 2)
    found.metric("accuracy").add(4, 0.5)
    (step, value) = found.curves(1, until=2)["metric0"][0]
    assert (step, np.isnan(value)) == (2, True)  # it begins later: its place stays
    assert [curves[f"metric{i}"].shape for i in range(MOST_METRICS)] == [(0, 2)] * MOST_METRICS


def test_how_far_a_step_went_is_remembered() -> None:
    found = exhibit()
    for step, moved in enumerate([np.nan, 0.25, np.nan]):
        found.put(frame(step, 1.0, moved))
    seen = [found.frame(step).arrays["statistics"][0, MOVED] for step in range(3)]  # type: ignore[union-attr]
    assert np.isnan(seen[0])
    assert seen[1:] == [0.25, 0.25]
    assert found.curves(0, 9)["moved"].tolist() == [[1, 0.25]]


def test_wait_comes_back_at_the_end() -> None:
    found = exhibit()
    found.switch("stop")
    found.end("stopped")  # that stop was for training
    waited = threading.Thread(target=found.wait)
    waited.start()
    waited.join(0.1)
    assert waited.is_alive()
    found.switch("stop")
    waited.join(10)
    assert not waited.is_alive()
    assert found.status == "stopped"


def test_names_are_numbered_and_old_networks_go() -> None:
    shown = Exhibits()
    first, second = exhibit(), exhibit()
    for one in (first, second):
        shown.add(one)
    assert [one.name for one in shown.all()] == ["net 2", "net"]
    first.end("finished")
    shown.add(exhibit())
    assert shown.get(first.id) is None
    for i in range(30):
        one = exhibit(f"n{i}")
        shown.add(one)
        one.end("finished")
    assert len(shown.all()) <= 7
    assert shown.get(second.id) is second  # it is training
    assert len({one.id for one in shown.all()}) == len(shown.all())


def test_too_many_numbers() -> None:
    found = exhibit()
    for i in range(MOST_METRICS):
        assert found.metric(f"m{i}") is found.metric(f"m{i}")
    with pytest.raises(UsageError, match="at most"):
        found.metric("more")
