from __future__ import annotations

import errno
import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from descend.engine.errors import DescendError, UsageError
from descend.train import Run, Saving
from descend.train.checkpoint import Checkpoints
from descend.train.events import Done, Epoch, Event, Paused, Resumed, Step, Warning
from tests.train.small import STEPS, equal_bits, run, trainer, weights

OFTEN = Saving(steps=1, seconds=None)


def take(one: Run, n_steps: int, saving: Saving = OFTEN, epochs: int = 4) -> list[Event]:
    """Train until so many steps were seen, then drop the trainer as if the process had died."""
    events = list[Event]()
    for event in trainer(epochs).events(one, saving=saving):
        events.append(event)
        n_steps -= isinstance(event, Step)
        if n_steps == 0:
            break
    return events


def checkpoints(one: Run) -> list[int]:
    return [int(path.stem[5:]) for path in Checkpoints(one.path / "checkpoints").paths()]


def epochs(events: list[Event]) -> list[int]:
    return [event.epoch for event in events if isinstance(event, Epoch)]


def test_checkpoints_come_every_so_many_steps_and_at_the_end_of_epochs() -> None:
    seen, one = set[int](), run()
    for _ in trainer(2).events(one, saving=Saving(steps=3, seconds=None)):
        seen |= set(checkpoints(one))
    seen |= set(checkpoints(one))
    assert seen == {3, 5, 6, 9, 10}
    assert checkpoints(one) == [9, 10]


def test_checkpoints_come_after_so_much_time(monkeypatch: pytest.MonkeyPatch) -> None:
    one, seen = run(), set[int]()
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for event in trainer(1).events(one, saving=Saving(seconds=10)):
        now[0] += 4 * isinstance(event, Step)
        seen |= set(checkpoints(one))
    assert seen == {3, 5}


@pytest.mark.parametrize("given", [{"steps": 0}, {"steps": -3}, {"seconds": -1.0}])
def test_impossible_distances_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="distance"):
        Saving(**given)


def test_events_are_on_the_disk_before_the_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    one, order, sync, replace_file = run(), list[str](), os.fsync, os.replace
    one.events_path.touch()
    events_file = one.events_path.stat().st_ino

    def synced(descriptor: int) -> None:
        if os.fstat(descriptor).st_ino == events_file:
            order.append(f"{len(epochs(one.events()))} epochs synced")
        sync(descriptor)

    def renamed(source: Path, target: Path) -> None:
        order.append("saved")
        replace_file(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    list(trainer(2).events(one))
    assert order == ["1 epochs synced", "saved", "2 epochs synced", "saved"]


@pytest.mark.parametrize("n_steps", range(1, 3 * STEPS + 1))
@pytest.mark.parametrize("saving", [OFTEN, Saving(steps=3, seconds=None), Saving(seconds=None)])
def test_a_resumed_run_equals_an_uninterrupted_one(n_steps: int, saving: Saving) -> None:
    whole, one = trainer(3), run()
    expected = [event for event in whole.events() if isinstance(event, Epoch | Done)]
    take(one, n_steps, saving, epochs=3)
    resumed = trainer(3)
    list(resumed.events(one, saving=saving))
    assert equal_bits(weights(resumed), weights(whole))
    told = [event for event in one.events() if isinstance(event, Epoch | Done)]
    assert [replace(event, seconds=0.0) for event in told] == [replace(event, seconds=0.0) for event in expected]


def test_a_run_that_never_saved_begins_again() -> None:
    one = run()
    take(one, 3, Saving(seconds=None))
    assert checkpoints(one) == []
    events = list(trainer(2).events(one))
    assert Resumed(0, 1) in events
    assert epochs(one.events()) == [1, 2]


def test_readers_get_steps_once() -> None:
    one = run()
    for _ in range(4):
        take(one, 4)
    list(trainer(4).events(one))
    steps = [event.step for event in one.events() if isinstance(event, Step)]
    assert steps == sorted(set(steps))


def test_a_finished_run_tells_its_end_again_and_trains_no_more() -> None:
    one, first = run(), trainer(2)
    done = list(first.events(one))[-1]
    again = trainer(2)
    events = list(again.events(one))
    assert [event for event in events if isinstance(event, Step | Epoch)] == []
    assert events[-1] == done
    assert equal_bits(weights(again), weights(first))
    assert epochs(one.events()) == [1, 2]
    assert one.status() == "finished"


def test_a_finished_run_can_be_given_more_epochs() -> None:
    one, whole = run(), trainer(4)
    list(whole.events())
    list(trainer(2).events(one))
    longer = trainer(4)
    list(longer.events(one))
    assert equal_bits(weights(longer), weights(whole))
    assert epochs(one.events()) == [1, 2, 3, 4]


def test_a_damaged_checkpoint_falls_back_to_the_one_before() -> None:
    one, whole = run(), trainer(4)
    list(whole.events())
    take(one, 8)
    newest = Checkpoints(one.path / "checkpoints").paths()[-1]
    newest.write_bytes(newest.read_bytes()[:-20])
    resumed = trainer(4)
    events = list(resumed.events(one))
    warning = next(event for event in events if isinstance(event, Warning))
    assert warning.topic == "checkpoint"
    assert newest.name in warning.message
    assert newest.with_suffix(".damaged").exists()
    assert equal_bits(weights(resumed), weights(whole))
    assert epochs(one.events()) == [1, 2, 3, 4]


def test_only_damaged_checkpoints_are_an_error_that_names_them() -> None:
    one = run()
    take(one, 8)
    for path in Checkpoints(one.path / "checkpoints").paths():
        path.write_bytes(b"")
    with pytest.raises(DescendError, match="no checkpoint"):
        list(trainer(4).events(one))


def test_a_stop_saves_and_can_be_resumed() -> None:
    one, whole = run(), trainer(4)
    list(whole.events())
    one.request("stop")
    events = list(trainer(4).events(one))
    done = events[-1]
    assert isinstance(done, Done)
    assert done.stopped
    assert checkpoints(one) == [1]
    assert one.status() == "stopped"
    assert "test_accuracy" not in done.metrics
    # The request was obeyed, so it does not stop the next process too.
    resumed = trainer(4)
    assert not list(resumed.events(one))[-1].stopped  # type: ignore[attr-defined]
    assert equal_bits(weights(resumed), weights(whole))
    assert epochs(one.events()) == [1, 2, 3, 4]


@pytest.mark.parametrize("at", [STEPS - 1, STEPS, STEPS + 1])
def test_a_stop_around_the_end_of_an_epoch_counts_it_once(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    one, whole, seen = run(), trainer(3), [0]
    list(whole.events())
    monkeypatch.setattr("descend.train.control.POLL", 0.0)
    for event in trainer(3).events(one, saving=OFTEN):
        seen[0] += isinstance(event, Step)
        if seen[0] == at and isinstance(event, Step):
            one.request("stop")
    assert one.status() == "stopped"
    resumed = trainer(3)
    list(resumed.events(one))
    assert equal_bits(weights(resumed), weights(whole))
    assert epochs(one.events()) == [1, 2, 3]


def test_a_pause_saves_waits_and_goes_on() -> None:
    one, whole = run(), trainer(3)
    list(whole.events())
    one.request("pause")
    paused = trainer(3)
    events = list[Event]()

    def go_on() -> None:
        deadline = time.monotonic() + 10
        while Paused(1) not in events and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)
        assert checkpoints(one) == [1]
        one.request("run")

    thread = threading.Thread(target=go_on)
    thread.start()
    began = time.monotonic()
    for event in paused.events(one):
        events.append(event)
    thread.join()
    assert events[events.index(Paused(1)) + 1] == Resumed(1, 1)
    assert equal_bits(weights(paused), weights(whole))
    done = events[-1]
    assert isinstance(done, Done)
    # The wait is no training time.
    assert done.seconds < time.monotonic() - began - 0.3


def test_a_paused_run_can_be_stopped() -> None:
    one = run()
    one.request("pause")
    events = list[Event]()
    for event in trainer(3).events(one):
        events.append(event)
        if isinstance(event, Paused):
            one.request("stop")
    assert isinstance(events[-1], Done)
    assert events[-1].stopped
    assert Resumed(1, 1) not in events


def test_a_changed_environment_is_told() -> None:
    one = run()
    take(one, 3)
    environment = one.info.environment | {"blas threads": "64", "data directory": "elsewhere"}
    other = Run(one.path, replace(one.info, environment=environment, code="0" * 64))
    warning = next(event for event in trainer(4).events(other) if isinstance(event, Warning))
    assert warning.topic == "environment"
    assert "blas threads was 64" in warning.message
    assert "code was 000" in warning.message
    assert "data directory" not in warning.message


def test_the_same_environment_is_not_worth_a_word() -> None:
    one = run()
    take(one, 3)
    assert [event for event in trainer(4).events(one) if isinstance(event, Warning)] == []


def test_another_batch_size_is_refused() -> None:
    one = run()
    take(one, 3)
    with pytest.raises(DescendError, match="does not fit") as caught:
        list(trainer(4, steps=STEPS + 1).events(one))
    assert f"{STEPS + 1} batches" in str(caught.value)


@pytest.mark.parametrize("room", [0, 300, 6000])
def test_a_full_disk_stops_the_run_and_loses_nothing(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    one, whole = run(), trainer(3)
    list(whole.events())
    take(one, 7)
    saved = checkpoints(one)
    write, left = os.write, [room]

    def full(descriptor: int, data: Any) -> int:
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = write(descriptor, data[: left[0]])
        left[0] -= written
        return written

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(DescendError, match="the disk is full"):
            list(trainer(3).events(one, saving=OFTEN))
    assert checkpoints(one)[-1] >= saved[-1]
    assert Checkpoints(one.path / "checkpoints").newest()[1] == []
    resumed = trainer(3)
    list(resumed.events(one))
    assert equal_bits(weights(resumed), weights(whole))
    assert epochs(one.events()) == [1, 2, 3]


def test_a_read_only_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    one, open_file = run(), os.open

    def refuse(path: Path, flags: int, *rest: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, "Read-only file system")
        return open_file(path, flags, *rest)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DescendError, match="read-only"):
        next(iter(trainer(2).events(one)))
