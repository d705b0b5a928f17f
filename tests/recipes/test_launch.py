"""Runs in processes of their own, and every way in which they can end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from descend.engine.errors import DescendError
from descend.recipes import launch
from descend.train.diff import weights
from descend.train.events import Done, Event, Paused, Start, Step
from descend.train.runs import Run
from tests.recipes.finished import RIGHT, answer, new_run, trained_run

SLOW = "import time; time.sleep(0.01)\n" + RIGHT


def _train(run: Run, at_step: Callable[[], None] | None = None, patience: float = 60) -> list[Event]:
    """All events of a run; `at_step` is called once, at its first step."""
    seen = []
    for event in launch.train(run, patience=patience):
        seen.append(event)
        if at_step and isinstance(event, Step):
            at_step()
            at_step = None
    return seen


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_the_parent_sees_what_the_child_does() -> None:
    run = new_run()
    seen = _train(run)
    assert isinstance(seen[0], Start)
    assert isinstance(seen[-1], Done)
    assert seen == run.events()
    assert run.status() == "finished"


def test_a_process_of_its_own_changes_no_bit() -> None:
    run = new_run()
    _train(run)
    a, b = weights(run), weights(trained_run())
    assert all(np.array_equal(a[name], b[name]) for name in a)


def test_ctrl_c_stops_with_a_checkpoint_and_the_run_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    run = new_run(given=(answer(tmp_path, SLOW),), epochs=2)
    first = _train(run, _interrupt)
    assert isinstance(first[-1], Done)
    assert first[-1].stopped
    assert run.status() == "stopped"
    again = _train(Run.open(run.name))
    assert isinstance(again[-1], Done)
    assert not again[-1].stopped
    whole = trained_run(epochs=2)
    a, b = weights(run), weights(whole)
    assert all(np.allclose(a[name], b[name], atol=1e-6) for name in a)
    with pytest.raises(KeyboardInterrupt):
        _interrupt()  # whoever handled it before does so again


def test_a_second_ctrl_c_kills_and_says_how_to_go_on(tmp_path: Path) -> None:
    def twice() -> None:
        _interrupt()
        _interrupt()

    # It neither looks at its requests nor ends by itself.
    run = new_run(given=(answer(tmp_path, "import time\nwhile lr: time.sleep(0.1)"),))
    with pytest.raises(launch.KilledError) as raised:
        for event in launch.train(run, patience=60):
            if isinstance(event, Start):
                twice()
    assert "before it could save" in raised.value.problem
    assert raised.value.fix is not None
    assert f"--resume {run.name}" in raised.value.fix


def test_a_child_without_a_sign_of_life_is_killed(tmp_path: Path) -> None:
    run = new_run(given=(answer(tmp_path, "while True: pass"),))
    with pytest.raises(DescendError, match="no sign of life for 2 seconds") as raised:
        _train(run, patience=2)
    assert run.writer() is None
    assert "--patience" in (raised.value.fix or "")


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL, which is what the system sends"),
        ("import os; os._exit(7)", "exit status 7"),
        ("import os; os.abort()", "SIGABRT"),
    ],
)
def test_a_dead_child_is_reported_with_the_way_on(code: str, cause: str, tmp_path: Path) -> None:
    run = new_run(given=(answer(tmp_path, code),))
    with pytest.raises(DescendError) as raised:
        _train(run)
    assert cause in raised.value.problem
    assert run.name in raised.value.problem
    assert f"descend train --resume {run.name}" in (raised.value.fix or "")


def test_what_a_dead_child_printed_is_shown(tmp_path: Path) -> None:
    code = "import os; print('the last words', flush=True); os._exit(7)"
    with pytest.raises(DescendError) as raised:
        _train(new_run(given=(answer(tmp_path, code),)))
    assert "the last words" in (raised.value.given or "")


def test_a_compiled_run_goes_on_to_the_same_weights() -> None:
    run = new_run(executor="native", epochs=80)
    first = _train(run, _interrupt)
    assert isinstance(first[-1], Done)
    assert first[-1].stopped
    assert not _train(run)[-1].stopped  # type: ignore[attr-defined]
    a, b, eager = (weights(one) for one in (run, *(trained_run(executor=e, epochs=80) for e in ("native", "eager"))))
    assert all(np.array_equal(a[name], b[name]) for name in a)
    assert any((a[name] != eager[name]).any() for name in a)


def test_an_error_in_the_child_is_raised_in_the_parent() -> None:
    with pytest.raises(DescendError, match="the loss of step") as raised:
        _train(new_run(lr=1e30))
    assert raised.value.problem.startswith("the loss of step")
    assert "learning rate" in (raised.value.given or "")


def test_the_child_ends_with_whoever_follows_it(tmp_path: Path) -> None:
    run = new_run(given=(answer(tmp_path, SLOW),), epochs=500)
    stream = launch.train(run)
    while not isinstance(next(stream), Step):
        pass
    stream.close()
    assert run.writer() is None
    assert run.status() == "stopped"


def test_a_run_that_is_being_trained_is_left_alone() -> None:
    run = new_run()
    with run.writing(), pytest.raises(DescendError, match="by another process"):
        _train(run)


def test_a_run_that_pauses_is_not_taken_for_hung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A clock of its own: how long a process takes to start must not matter here.
    hours = [0.0]
    monkeypatch.setattr(launch, "time", SimpleNamespace(monotonic=lambda: hours[0] * 3600))
    run = new_run(given=(answer(tmp_path, SLOW),), epochs=5)
    later = threading.Timer(0.5, lambda: run.request("run"))
    seen = []
    for event in launch.train(run, patience=60):
        seen.append(event)
        if isinstance(event, Step) and len(seen) < 5:
            run.request("pause")
        if isinstance(event, Paused):
            hours[0] += 1
            later.start()
    later.join()
    assert any(isinstance(event, Paused) for event in seen)
    assert run.status() == "finished"


def test_a_request_that_nobody_obeyed_is_forgotten() -> None:
    run = new_run()
    run.request("stop")
    assert _train(run)[-1] == run.events()[-1]
    assert run.status() == "finished"


def test_it_can_be_followed_from_any_thread() -> None:
    seen: list[Event] = []
    thread = threading.Thread(target=lambda: seen.extend(_train(new_run())))
    thread.start()
    thread.join()
    assert isinstance(seen[-1], Done)


def test_prepare_writes_down_what_the_numbers_depend_on() -> None:
    info = new_run(seed=3).info
    assert (info.recipe, info.seed, info.settings["seed"]) == ("digits-mlp", 3, 3)
    assert len(info.data) == len(info.code) == 64
    assert info.environment["numpy"] == np.__version__
