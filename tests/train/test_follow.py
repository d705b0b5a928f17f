from __future__ import annotations

import subprocess
import sys
import threading
import time
from itertools import islice
from pathlib import Path

import pytest

from descend.train import Run
from descend.train import follow as module
from descend.train.events import Done, Event, Start, Step, Warning
from descend.train.follow import follow
from tests.train.small import run

WRITE = """
import sys, time
from pathlib import Path
from descend.train import Run
from descend.train.events import Done, Start, Warning
with Run.open(Path(sys.argv[1])).writing() as journal:
    journal.record(Start(1, 5))
    for number in range(5):
        time.sleep(0.05)
        journal.record(Warning("n", str(number)))
    if sys.argv[2] == "die":
        import os
        os.write(journal._descriptor, b'{"event":"done","metr')
        os.kill(os.getpid(), 9)
    journal.record(Done({}, 1.0))
"""


def writer(one: Run, end: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITE, str(one.path), end])


def test_events_of_another_process_arrive_as_they_happen() -> None:
    one = run()
    with writer(one, "end"):
        arrived = [(time.monotonic(), event) for event in follow(one, poll=0.01)]
    assert [event for _, event in arrived] == [
        Start(1, 5), *(Warning("n", str(number)) for number in range(5)), Done({}, 1.0),
    ]  # fmt: skip
    assert arrived[-1][0] - arrived[0][0] > 0.15


def test_a_writer_that_dies_is_told_of() -> None:
    one = run()
    with writer(one, "die"):
        events = list(follow(one, poll=0.01))
    assert events[-2] == Warning("n", "4")
    assert isinstance(events[-1], Warning)
    assert events[-1].topic == "interrupted"
    assert one.name in events[-1].message


def test_a_parent_can_say_whether_its_child_lives() -> None:
    one = run()
    with writer(one, "end") as process:
        events = list(follow(one, alive=lambda: process.poll() is None, poll=0.01))
    assert events[-1] == Done({}, 1.0)
    with writer(one, "die") as process:
        process.kill()
        assert [e.topic for e in follow(one, start=one.position(), alive=lambda: False) if isinstance(e, Warning)]


def test_the_past_of_a_finished_run_comes_at_once() -> None:
    one = run()
    with one.writing() as journal:
        journal.record(Start(1, 1))
        journal.record(Done({}, 1.0))
    began = time.monotonic()
    assert list(follow(one)) == [Start(1, 1), Done({}, 1.0)]
    assert time.monotonic() - began < 1


def test_it_can_begin_at_the_present() -> None:
    one = run()
    with one.writing() as journal:
        journal.record(Done({}, 1.0, stopped=True))
        start = one.position()
        journal.record(Done({}, 2.0))
    assert list(follow(one, start=start)) == [Done({}, 2.0)]


def test_the_present_is_no_torn_line() -> None:
    one = run()
    with one.writing() as journal:
        journal.record(Start(1, 5))
    with one.events_path.open("ab") as file:
        file.write(b'{"event":"step","step":4')
    start = one.position()
    with one.writing() as journal:
        journal.record(Done({}, 2.0))
    assert list(follow(one, start=start)) == [Done({}, 2.0)]


def test_an_old_end_does_not_end_a_run_that_goes_on() -> None:
    one, seen = run(), list[Event]()
    with one.writing() as journal:
        journal.record(Done({}, 1.0, stopped=True))
        events = follow(one, poll=0.01)
        seen += islice(events, 1)
        journal.record(Step(1, 1, 0.5, 0.1))
        seen += islice(events, 1)
        journal.record(Done({}, 2.0))
    seen += events
    assert seen == [Done({}, 1.0, stopped=True), Step(1, 1, 0.5, 0.1), Done({}, 2.0)]


def test_a_writer_has_time_to_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    one = run()

    def late() -> None:
        time.sleep(0.2)
        with one.writing() as journal:
            journal.record(Done({}, 1.0))

    thread = threading.Thread(target=late)
    thread.start()
    assert list(follow(one, poll=0.01)) == [Done({}, 1.0)]
    thread.join()
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    assert [type(event) for event in follow(run(), poll=0.01)] == [Warning]


def test_nothing_is_lost_between_two_looks(tmp_path: Path) -> None:
    one = run()

    def write_fast() -> None:
        with one.writing() as journal:
            for number in range(500):
                journal.record(Warning("n", str(number)))
            journal.record(Done({}, 1.0))

    thread = threading.Thread(target=write_fast)
    thread.start()
    events = list(follow(one, poll=0.001))
    thread.join()
    assert events == [*(Warning("n", str(number)) for number in range(500)), Done({}, 1.0)]
