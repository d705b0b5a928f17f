from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from descend.train import Catalogue, Run
from descend.train.events import Done, Epoch, Event, Failed, Start, Step
from tests.train.small import run

HISTORIES: list[list[Event]] = [
    [],
    [Start(2, 5), Step(3, 1, 0.5, 0.1)],
    [Start(2, 5), Epoch(1, 5, {"test_accuracy": 0.5}, 2.0)],
    [Start(1, 5), Epoch(1, 5, {"a": 0.5}, 2.0), Done({"test_accuracy": 0.9}, 2.5)],
    [Start(2, 5), Epoch(1, 5, {"a": 0.5}, 2.0), Done({"a": 0.5}, 2.0, stopped=True)],
    [Start(1, 5), Failed("the disk is full")],
]


def record(one: Run, events: list[Event]) -> Run:
    with one.writing() as journal:
        for event in events:
            journal.record(event)
    return one


def several() -> list[Run]:
    return [record(run(), events) for events in HISTORIES]


def test_rows_tell_what_the_folders_hold() -> None:
    made = several()
    rows = Catalogue().rows()
    assert [row.name for row in rows] == [one.name for one in made]
    assert [row.status for row in rows] == [
        "new",
        "interrupted",
        "interrupted",
        "finished",
        "stopped",
        "failed",
    ]
    finished = rows[3]
    assert (finished.epochs, finished.step, finished.seconds) == (1, 5, 2.5)
    assert finished.metrics == {"test_accuracy": 0.9}
    assert (finished.settings, finished.seed, finished.recipe) == ({"lr": 0.05}, 7, "small")
    assert rows[5].problem == "the disk is full"


@pytest.mark.parametrize("how", ["deleted", "rebuilt", "damaged", "empty", "cut", "directory of pages"])
def test_it_can_be_made_again_from_the_folders(how: str) -> None:
    several()
    catalogue = Catalogue()
    before = catalogue.rows()
    assert len(before) == len(HISTORIES)
    data = catalogue.path.read_bytes()
    broken = {"damaged": b"\0" * 4096, "cut": data[: len(data) // 2], "empty": b""}
    broken["directory of pages"] = data[:16] + b"\xff" * (len(data) - 16)
    if how == "deleted":
        catalogue.path.unlink()
    elif how == "rebuilt":
        assert catalogue.rebuild() == before
    else:
        catalogue.path.write_bytes(broken[how])
    again = Catalogue()
    assert again.rows() == before
    assert [warning.topic for warning in again.warnings] == (
        ["catalogue"] if how in {"damaged", "cut", "directory of pages"} else []
    )
    assert Catalogue().rows() == before


def test_it_follows_what_happens() -> None:
    one, catalogue = run(), Catalogue()
    assert catalogue.rows()[0].status == "new"
    with one.writing() as journal:
        journal.record(Epoch(1, 5, {"a": 0.25}, 1.0))
        assert catalogue.rows()[0].status == "running"
    assert catalogue.rows()[0].status == "interrupted"
    assert catalogue.rows()[0].metrics == {"a": 0.25}
    record(one, [Done({"a": 0.5}, 1.0)])
    assert catalogue.rows()[0].metrics == {"a": 0.5}
    for path in sorted(one.path.rglob("*"), reverse=True):
        path.unlink()
    one.path.rmdir()
    assert catalogue.rows() == []


def test_only_what_changed_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    several()
    catalogue, opened = Catalogue(), list[Path]()
    catalogue.rows()
    original = Run.open

    def watched(path: Path) -> Run:
        opened.append(path)
        return original(path)

    monkeypatch.setattr(Run, "open", watched)
    catalogue.rows()
    assert opened == []
    new = run()
    catalogue.rows()
    assert opened == [new.path]


@pytest.mark.parametrize("file", ["run.json", "events.jsonl"])
def test_a_damaged_run_is_listed_with_the_reason(file: str) -> None:
    broken, _ = record(run(), HISTORIES[3]), record(run(), HISTORIES[3])
    (broken.path / file).write_text("rubbish\n")
    rows = {row.name: row for row in Catalogue().rows()}
    assert rows[broken.name].status == "damaged"
    assert "damaged" in rows[broken.name].problem
    assert sorted(row.status for row in rows.values()) == ["damaged", "finished"]


def test_a_disk_that_cannot_be_written_still_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    several()
    expected = Catalogue().rows()

    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(sqlite3, "connect", refuse)
    catalogue = Catalogue()
    assert catalogue.rows() == expected
    assert "readonly" in catalogue.warnings[0].message

    def deny(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", deny)
    assert Catalogue().rows() == expected


def test_reading_and_writing_are_one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, update = list[bool](), Catalogue._update

    def watched(catalogue: Catalogue, database: sqlite3.Connection) -> None:
        update(catalogue, database)
        inside.append(database.in_transaction)

    monkeypatch.setattr(Catalogue, "_update", watched)
    run()
    Catalogue().rows()
    Catalogue().rows()
    assert inside == [True, True]


LIST = """
from descend.train import Catalogue
for _ in range(15):
    catalogue = Catalogue()
    catalogue.rebuild()
    assert len(catalogue.rows()) == 6, catalogue.rows()
    assert not catalogue.warnings, catalogue.warnings
"""


def test_two_processes_at_once() -> None:
    several()
    processes = [subprocess.Popen([sys.executable, "-c", LIST], stderr=subprocess.PIPE) for _ in range(2)]
    told = [process.communicate()[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], "\n".join(told)


def test_it_waits_for_the_transaction_of_another_process() -> None:
    several()
    catalogue = Catalogue()
    with closing(sqlite3.connect(catalogue.path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("begin immediate")
        end = threading.Timer(0.2, other.execute, ["rollback"])
        end.start()
        assert len(catalogue.rows()) == len(HISTORIES)
        end.join()
    assert not catalogue.warnings
