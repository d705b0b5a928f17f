from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend.studio.history import History
from descend.studio.protocol import Frame


def frame(step: int) -> Frame:
    return Frame(step, {"x": np.full(100, step % 256, np.uint8)}, {})


def test_the_frame_of_a_step_is_the_newest_not_after_it() -> None:
    history = History()
    assert history.at(3) is None
    for step in (0, 10, 20):
        history.add(frame(step))
    found = [history.at(step) for step in (-5, 0, 9, 10, 19.5, 20, 1e9)]
    assert [one.step for one in found if one] == [0, 0, 0, 10, 10, 20, 20]
    assert history.span == (0, 20)
    history.clear()
    assert history.span == (0, 0)


def test_a_step_has_one_frame() -> None:
    history = History()
    history.add(frame(0))
    changed = frame(0)
    history.add(changed)
    assert len(history) == 1
    assert history.at(0) is changed


@given(st.integers(1, 100), st.integers(300, 3000))
def test_it_stays_in_its_room_and_covers_the_whole_run(steps: int, room: int) -> None:
    history = History(room)
    for step in range(steps):
        history.add(frame(step))
    assert history.span == (0, steps - 1)
    assert len(history) * 100 <= room + 100
    gaps = np.diff(sorted({found.step for step in range(steps) if (found := history.at(step))}))
    if len(gaps) > 1:
        assert gaps[:-1].max() == gaps[:-1].min() >= gaps[-1]
