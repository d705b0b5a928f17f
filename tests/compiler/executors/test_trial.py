"""The number of threads is chosen by trying."""

from __future__ import annotations

import pytest

from descend.compiler.executors import trial
from descend.compiler.executors.trial import AGAIN, TRIES, Trial


@pytest.mark.parametrize("faster", [1, 4])
def test_the_faster_number_is_kept_and_tried_again_later(faster: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(trial.time, "perf_counter", lambda: now[0])
    seen: list[int] = []

    def work(threads: int) -> None:
        seen.append(threads)
        now[0] += 1.0 if threads == faster else 2.0

    chosen = Trial((1, 4))
    for _ in range(2 * TRIES + AGAIN + 2):
        chosen.run(work)
    assert seen[: 2 * TRIES] == [1, 4] * TRIES
    assert set(seen[2 * TRIES : 2 * TRIES + AGAIN]) == {faster}
    assert seen[-2:] == [1, 4]


def test_a_single_number_is_not_tried() -> None:
    seen: list[int] = []
    chosen = Trial((1,))
    for _ in range(3):
        chosen.run(seen.append)
    assert seen == [1, 1, 1]
