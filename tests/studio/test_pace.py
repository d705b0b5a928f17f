from __future__ import annotations

import numpy as np
import pytest

from descend.studio.pace import BRIEF, RATE, SEVERAL, Pace

TICK = 1 / 60  # the time between two moments at which a screen draws


def shown(begin: float, drift: float = 0.0, frames: int = 120) -> list[float]:
    """How long each frame lies before a screen with moments at the multiples of TICK takes it."""
    pace, now, lies = Pace(), begin, []
    pace.start(begin)
    for number in range(frames):
        now = pace.next
        pace.passed(now)
        lies.append(-(now + number * drift) % TICK)
        pace.lay(lies[-1])
    return lies


@pytest.mark.parametrize("begin", np.linspace(0.0005, TICK - 0.0005, 9))
def test_frames_do_not_lie_long_wherever_the_screen_stands(begin: float) -> None:
    assert max(shown(begin)[SEVERAL + 1 :]) <= BRIEF + 1e-6


@pytest.mark.parametrize("drift", [-2e-5, 2e-5])
def test_a_screen_that_runs_otherwise_is_followed(drift: float) -> None:
    lies = np.array(shown(0.004, drift, frames=2000))
    assert np.mean(lies > BRIEF) < 0.05


def test_thirty_a_second_where_nothing_lies() -> None:
    pace = Pace()
    pace.start(5.0)
    for _ in range(30):
        pace.passed(pace.next)
        pace.lay(0.001)
    assert pace.next == pytest.approx(6.0)


def test_one_late_frame_moves_nothing() -> None:
    pace = Pace()
    for lay in [0.001] * 5 + [0.016] + [0.001] * 5:
        pace.lay(lay)
        before = pace.next
        pace.passed(before)
        assert pace.next == pytest.approx(before + RATE)


def test_a_client_cannot_stop_the_frames() -> None:
    pace = Pace()
    for _ in range(SEVERAL):
        pace.lay(1e9)
    pace.passed(0.0)
    assert pace.next <= 2 * RATE


def test_after_a_pause_no_frame_is_made_up_for() -> None:
    pace = Pace()
    pace.start(1.0)
    pace.passed(9.0)
    assert pace.next == 9.0
