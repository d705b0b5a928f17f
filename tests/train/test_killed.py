"""A run that is killed, at any moment and as often as you like, ends with the weights of one that was not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from descend.train import Catalogue, Run, RunInfo, Saving
from descend.train.checkpoint import Checkpoints, load
from descend.train.diff import weights as saved_weights
from descend.train.events import Done, Epoch, Event, Step
from tests.train.killable import EPOCHS, STEPS
from tests.train.small import equal_bits, run, trainer, weights

OFTEN = Saving(steps=2, seconds=None)
CALLS = ("open", "write", "fsync", "replace", "rename", "unlink", "ftruncate", "close")


class Killed(BaseException):
    """What nobody catches: the process is gone."""


@contextmanager
def dying(at: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Die at the call number `at` of the operating system; a write has put half of its bytes down by then."""
    left = [at]

    def watched(name: str, original: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0 and name == "write":
                original(given[0], given[1][: len(given[1]) // 2])
            if name == "close":
                # The system closes the files of a process that dies, and with them its locks.
                original(*given)
            if left[0] <= 0:
                raise Killed
            return None if name == "close" else original(*given, **named)

        return call

    with monkeypatch.context() as patched:
        for name in CALLS:
            patched.setattr(os, name, watched(name, getattr(os, name)))
        yield


def train(one: Run, epochs: int) -> None:
    for _ in trainer(epochs, steps=4).events(one, saving=OFTEN):
        pass


def ending(events: list[Event]) -> list[Event]:
    return [replace(event, seconds=0.0) for event in events if isinstance(event, Epoch | Done)]


def check_whole(one: Run) -> None:
    """Every file of the run can be opened, whatever happened."""
    assert Run.open(one.path).info == one.info
    steps = [event.step for event in one.events() if isinstance(event, Step)]
    assert steps == sorted(set(steps))
    epochs = [event.epoch for event in one.events() if isinstance(event, Epoch)]
    assert epochs == list(range(1, len(epochs) + 1))
    for path in Checkpoints(one.path / "checkpoints").paths():
        load(path)


@pytest.fixture(scope="module")
def expected() -> tuple[list[Event], dict[str, Any]]:
    whole = trainer(2, steps=4)
    return ending(list(whole.events())), weights(whole)


def check_equal(one: Run, epochs: int, expected: tuple[list[Event], dict[str, Any]]) -> None:
    resumed = trainer(epochs, steps=4)
    list(resumed.events(one, saving=OFTEN))
    check_whole(one)
    assert equal_bits(weights(resumed), expected[1])
    assert ending(one.events()) == expected[0]


def test_dying_at_every_single_call_of_the_operating_system(
    monkeypatch: pytest.MonkeyPatch, expected: tuple[list[Event], dict[str, Any]]
) -> None:
    info = RunInfo.now("small", 7, {})
    for at in count(1):
        one = Run.create(info)
        try:
            with dying(at, monkeypatch):
                train(one, 2)
        except Killed:
            check_whole(one)
            check_equal(one, 2, expected)
        else:
            assert at > 40
            return


@pytest.mark.parametrize("seed", range(6))
def test_dying_again_and_again(
    seed: int, monkeypatch: pytest.MonkeyPatch, expected: tuple[list[Event], dict[str, Any]]
) -> None:
    rng, one = random.Random(seed), run()
    for _ in range(20):
        try:
            with dying(rng.randint(1, 60), monkeypatch):
                train(one, 2)
        except Killed:
            check_whole(one)
    check_equal(one, 2, expected)


ROOT = Path(__file__).parents[2]
KILLS = 20


def child(one: Run) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "tests.train.killable", str(one.path)]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path})


def wait_for_lock(one: Run, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while one.writer() is None and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_twenty_kills() -> None:
    rng, kills, runs = random.Random(0), 0, [run()]
    moments = list[int]()
    while kills < KILLS:
        one = runs[-1]
        with child(one) as process:
            wait_for_lock(one, process)
            time.sleep(rng.uniform(0.0, 0.5))
            process.send_signal(signal.SIGKILL)
        check_whole(one)
        if process.returncode == -signal.SIGKILL:
            kills += 1
            moments.append(max((e.step for e in one.events() if isinstance(e, Step)), default=0))
            assert one.status() in {"new", "interrupted", "finished"}
        else:
            # Done before the kill came: the next kills are for another run.
            runs.append(run())
        assert {row.status for row in Catalogue().rows()} <= {"new", "interrupted", "finished"}
    assert len(set(moments)) > KILLS // 2
    whole = trainer(EPOCHS, steps=STEPS)
    told = ending(list(whole.events()))
    for one in runs:
        with child(one) as process:
            assert process.wait() == 0
        assert ending(one.events()) == told
        assert equal_bits(saved_weights(one), whole.model.state_dict())
