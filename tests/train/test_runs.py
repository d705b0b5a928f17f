from __future__ import annotations

import errno
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from descend.engine.errors import DescendError, UsageError
from descend.train import Run, RunInfo
from descend.train.events import Done, Epoch, Event, Failed, Start, Step
from descend.train.runs import home_folder, run_folders, runs, status
from tests.train.small import run
from tests.train.test_journal import FullDisk

INFO = RunInfo("mnist-lenet", 3, {"lr": 0.1, "layers": [1, 2]}, created="2026-01-31T10:00:00.000+00:00")


def test_a_run_is_read_back_as_it_was_made() -> None:
    info = RunInfo.now("mnist-lenet", 3, {"lr": 0.1}, data="ab" * 32, overrides={"optim.sgd.update": "mine.py:3"})
    made = Run.create(info)
    assert Run.open(made.name).info == info == Run.open(made.path).info
    assert (made.path / "run.json").is_file()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-mnist-lenet-1", made.name)
    assert len(info.code) == 64
    assert info.environment["numpy"]


def test_names_count_up_and_sort() -> None:
    names = [Run.create(INFO).name for _ in range(11)]
    assert names[0] == "2026-01-31-mnist-lenet-1"
    assert names[10] == "2026-01-31-mnist-lenet-11"
    assert [path.name for path in run_folders()] == names


def test_a_recipe_whose_name_begins_alike_has_its_own_numbers() -> None:
    Run.create(replace(INFO, recipe="mnist-lenet 5"))
    assert Run.create(INFO).name == "2026-01-31-mnist-lenet-1"
    assert Run.create(replace(INFO, recipe="Ünï/../x")).name == "2026-01-31-n-x-1"


def test_many_at_once_get_different_folders() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Run.create(INFO), range(40)))
    assert len({made.path for made in made}) == 40
    assert len(run_folders()) == 40
    assert all(Run.open(one.path).info == INFO for one in made)


def test_a_creation_cut_short_leaves_no_run(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    for name in ("write", "fsync", "replace", "rename"):
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(os, name, die)
            Run.create(INFO)
        assert run_folders() == []
    assert Run.create(INFO).name.endswith("-1")
    assert [path.name for path in (home / "runs").iterdir()] == ["2026-01-31-mnist-lenet-1"]


def test_full_and_read_only_disks_are_told(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    with monkeypatch.context() as patched, pytest.raises(DescendError, match="the disk is full"):
        patched.setattr(os, "write", FullDisk(3))
        Run.create(INFO)
    assert list((home / "runs").iterdir()) == []

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched, pytest.raises(DescendError, match="read-only") as caught:
        patched.setattr(os, "mkdir", refuse)
        Run.create(INFO)
    assert "DESCEND_HOME" in str(caught.value)


def test_settings_that_json_cannot_hold_are_refused(home: Path) -> None:
    for settings in ({"f": len}, {"x": float("nan")}):
        with pytest.raises(DescendError, match="settings"):
            Run.create(replace(INFO, settings=settings))
    assert list((home / "runs").iterdir()) == []


def test_unknown_names_suggest_the_nearest() -> None:
    Run.create(INFO)
    with pytest.raises(UsageError, match="did you mean '2026-01-31-mnist-lenet-1'"):
        Run.open("2026-01-31-mnist-lent-1")
    with pytest.raises(UsageError, match="descend runs lists them"):
        Run.open("")


def test_a_run_that_may_not_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Run.create(INFO)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patched, pytest.raises(DescendError, match="cannot be read"):
        patched.setattr(Path, "read_bytes", refuse)
        Run.open(one.name)
    with one.writing():
        pass
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DescendError, match="who uses"):
        one.status()


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"recipe": "x"}', "\0"])
def test_a_damaged_description_is_named_and_hides_no_other_run(text: str) -> None:
    broken, whole = Run.create(INFO), Run.create(INFO)
    (broken.path / "run.json").write_text(text)
    with pytest.raises(DescendError, match=f"{broken.name} is damaged"):
        Run.open(broken.name)
    assert [one.name for one in runs()] == [whole.name]


def test_runs_come_in_the_order_of_their_start() -> None:
    late = Run.create(replace(INFO, recipe="a", created="2026-01-31T12:00:00.000+00:00"))
    early = Run.create(replace(INFO, recipe="b", created="2026-01-31T11:00:00.000+00:00"))
    assert [one.name for one in runs()] == [early.name, late.name]


def test_home_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DESCEND_HOME", str(tmp_path / "here"))
    assert home_folder() == tmp_path / "here"
    assert runs() == []
    monkeypatch.delenv("DESCEND_HOME")
    assert home_folder() == Path.home() / ".descend"


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], "new"),
        ([Start(1, 1)], "interrupted"),
        ([Start(1, 1), Epoch(1, 1, {}, 1.0)], "interrupted"),
        ([Start(1, 1), Done({}, 1.0)], "finished"),
        ([Start(1, 1), Done({}, 1.0, stopped=True)], "stopped"),
        ([Start(1, 1), Failed("no")], "failed"),
    ],
)
def test_status(events: list[Event], expected: str) -> None:
    assert status(events, running=False) == expected
    assert status(events, running=True) == "running"


def test_two_writers_of_one_run_exclude_each_other() -> None:
    one = run()
    with one.writing() as journal:
        journal.record(Step(1, 1, 0.5, 0.1))
        assert one.status() == "running"
        assert Run.open(one.name).writer() == os.getpid()
        with pytest.raises(DescendError, match="in use"), Run.open(one.name).writing():
            pass
    assert one.status() == "interrupted"
    with one.writing():
        pass
    assert one.events() == [Step(1, 1, 0.5, 0.1)]


def test_requests_reach_the_run() -> None:
    one = run()
    wish = one.requested()
    assert wish() == "run"
    one.request("stop")
    assert one.requested()() == "stop"


def test_a_description_holds_what_the_plan_of_a_run_needs() -> None:
    row = json.loads((run(executor="eager").path / "run.json").read_text())
    assert {
        "recipe",
        "settings",
        "seed",
        "code",
        "data",
        "environment",
        "executor",
        "overrides",
    } <= row.keys()
