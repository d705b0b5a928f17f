from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from descend.recipes import child
from descend.train.events import Done, Failed
from descend.train.runs import Run
from tests.recipes.finished import RIGHT, answer, environment, new_run


def _child(run: Run, home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "descend.recipes.child", str(run.path)], env=environment(home))


def test_it_trains_the_run_that_it_is_given(home: Path) -> None:
    run = new_run()
    assert _child(run, home).wait(60) == 0
    assert run.status() == "finished"


def test_an_error_is_left_in_the_run_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_limit_memory", lambda _: None)
    run = new_run(given=(answer(tmp_path, "return p - lr * q"),))
    assert child.main(str(run.path)) == 1
    failures = [event for event in run.events() if isinstance(event, Failed)]
    assert len(failures) == 1
    assert "NameError" in failures[0].problem
    assert "line 4" in failures[0].given


def test_an_error_before_the_job_exists_is_left_in_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run()
    monkeypatch.setattr(child, "train", lambda _: (_ for _ in ()).throw(MemoryError()))
    assert child.main(str(run.path)) == 1
    *_, last = run.events()
    assert isinstance(last, Failed)
    assert "out of memory" in last.problem


def test_a_second_failure_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run()
    monkeypatch.setattr(child, "train", lambda _: (_ for _ in ()).throw(ValueError("again")))
    assert [child.main(str(run.path)), child.main(str(run.path))] == [1, 1]
    assert [type(event) for event in run.events()] == [Failed, Failed]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells how much memory is in use")
def test_a_learners_code_cannot_take_all_memory(home: Path, tmp_path: Path) -> None:
    run = new_run(given=(answer(tmp_path, "np.ones(2 * 2**30)\n" + RIGHT),))
    assert _child(run, home).wait(60) == 1
    *_, last = run.events()
    assert isinstance(last, Failed)
    assert "MemoryError" in last.problem


def test_it_stops_with_a_checkpoint_when_its_parent_is_killed(home: Path, tmp_path: Path) -> None:
    slow = answer(tmp_path, "import time; time.sleep(0.05)\n" + RIGHT)
    run = new_run(given=(slow,), epochs=500)
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-m', 'descend.recipes.child', {str(run.path)!r}])"
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment(home))
    _until(lambda: len(run.events()) > 3)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    _until(lambda: run.status() == "stopped")
    assert isinstance(run.events()[-1], Done)
    assert list((run.path / "checkpoints").glob("*.safetensors"))


def _until(condition: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)
