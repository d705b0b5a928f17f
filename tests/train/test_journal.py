from __future__ import annotations

import errno
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.engine.errors import DescendError
from descend.train.events import Done, Epoch, Event, Start, Step, Warning
from descend.train.journal import Journal, Tail, read
from tests.train.test_events import EVENTS


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def write(path: Path, events: list[Event]) -> None:
    journal = Journal(path, clock=Clock())
    for event in events:
        journal.record(event)
    journal.close()


def step(number: int) -> Step:
    return Step(number, 1, 0.25, 0.1)


def check_torn(path: Path, before: list[Event], last: Event, cut: int) -> None:
    whole = "".join(event.to_json() + "\n" for event in before).encode()
    path.write_bytes(whole + last.to_json().encode()[:cut])
    assert read(path) == before
    write(path, [Warning("a", "later")])
    assert read(path) == [*before, Warning("a", "later")]


@pytest.mark.parametrize("last", [step(3), Warning("a", "Größe"), Done({"loss": 0.5}, 1.0)])
def test_a_tail_torn_at_any_byte_is_no_event_and_does_no_harm(tmp_path: Path, last: Event) -> None:
    for cut in range(len(last.to_json().encode()) + 1):
        check_torn(tmp_path / "events.jsonl", [step(1), step(2)], last, cut)


@given(before=st.lists(EVENTS, max_size=2), last=EVENTS, part=st.floats(0, 1))
def test_so_it_is_with_any_events(
    tmp_path_factory: pytest.TempPathFactory, before: list[Event], last: Event, part: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "torn.jsonl"
    check_torn(path, before, last, round(part * len(last.to_json().encode())))


def test_a_torn_tail_may_be_zeros_or_no_text(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    write(path, [step(1)])
    for tail in (b"\0" * 100, b"\xff\xfe", b'{"event":"paused","step":4}'):
        path.write_bytes(path.read_bytes() + tail)
        assert read(path) == [step(1)]
        write(path, [])
        assert path.read_bytes() == (step(1).to_json() + "\n").encode()


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"event":"paused","step":4}\nrubbish\n{"event":"paused","step":5}\n')
    with pytest.raises(DescendError, match=r"events\.jsonl are damaged") as caught:
        read(path)
    assert "rubbish" in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DescendError, match="cannot be read") as caught:
        read(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_no_file_means_no_events(tmp_path: Path) -> None:
    assert read(tmp_path / "events.jsonl") == []


def test_at_most_ten_steps_a_second_are_kept(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "events.jsonl"
    journal = Journal(path, clock)
    for number in range(1, 1001):
        clock.now += 0.002
        journal.record(step(number))
    journal.close()
    kept = [event.step for event in read(path) if isinstance(event, Step)]
    assert len(kept) == 20
    assert kept[0] == 1
    assert max(b - a for a, b in pairwise(kept)) <= 51


def test_slow_steps_are_all_kept(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "events.jsonl"
    journal = Journal(path, clock)
    for number in range(1, 6):
        clock.now += 0.11
        journal.record(step(number))
    journal.close()
    assert [event.step for event in read(path) if isinstance(event, Step)] == [1, 2, 3, 4, 5]


def test_all_other_events_are_kept_and_each_follows_the_newest_step(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    epochs = [Epoch(1, 3, {}, 1.0), Warning("a", "b", 3), Done({}, 1.0)]
    write(path, [Start(1, 3), step(1), step(2), step(3), *epochs])
    assert read(path) == [Start(1, 3), step(1), step(3), *epochs]


def test_what_is_recorded_can_be_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    journal = Journal(path)
    for number in range(3):
        journal.record(Warning("n", str(number)))
        assert len(read(path)) == number + 1
    journal.close()


def test_tail_gives_every_event_once_however_the_file_grows(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    events = [step(1), Warning("ü", "Größe"), Done({"a": 1.0}, 2.0)]
    data = "".join(event.to_json() + "\n" for event in events).encode()
    tail, seen = Tail(path), list[Event]()
    for end in range(len(data) + 1):
        path.write_bytes(data[:end])
        seen += tail.new()
    assert seen == events
    assert tail.position == len(data)


class FullDisk:
    """`os.write` that has room for so many bytes."""

    def __init__(self, room: int) -> None:
        self.room, self.write = room, os.write

    def __call__(self, descriptor: int, data: Any) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self.write(descriptor, data[: self.room])
        self.room -= written
        return written


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.jsonl"
    journal = Journal(path)
    journal.record(Warning("a", "kept"))
    monkeypatch.setattr(os, "write", FullDisk(17))
    with pytest.raises(DescendError, match="the disk is full") as caught:
        journal.record(Warning("b", "lost"))
    assert str(path) in str(caught.value)
    assert read(path) == [Warning("a", "kept")]
    monkeypatch.undo()
    journal.record(Warning("c", "there is room again"))
    journal.close()
    assert read(path) == [Warning("a", "kept"), Warning("c", "there is room again")]


def test_short_writes_are_carried_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_some = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write_some(descriptor, data[:3]))
    write(tmp_path / "events.jsonl", [Warning("a", "long enough")])
    assert read(tmp_path / "events.jsonl") == [Warning("a", "long enough")]
