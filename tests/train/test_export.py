from __future__ import annotations

import csv
import errno
import json
import shutil
from pathlib import Path

import pytest

from descend.engine.errors import DescendError
from descend.train import Run, Saving, journal
from descend.train.diff import diff
from descend.train.events import Done, Epoch, Step
from descend.train.export import as_csv, as_folder, as_json
from tests.train.small import run, trainer


@pytest.fixture
def trained() -> Run:
    one = run()
    # Resumed once, so that some events are superseded.
    for event in trainer(3).events(one, saving=Saving(seconds=None)):
        if isinstance(event, Step) and event.step == 8:
            break
    for _ in trainer(3).events(one, saving=Saving(steps=1)):
        pass
    with one.events_path.open("ab") as file:
        file.write(b'{"event":"torn')
    (one.path / "mistakes.png").write_bytes(b"picture")
    return one


def test_json_holds_description_and_metrics(trained: Run) -> None:
    found = json.loads(json.dumps(as_json(trained)))
    assert (found["name"], found["status"], found["recipe"]) == (trained.name, "finished", "small")
    done = trained.events()[-1]
    assert isinstance(done, Done)
    assert found["metrics"] == done.metrics
    assert [row["epoch"] for row in found["epochs"]] == [1, 2, 3]


def test_csv_is_read_back_to_the_same_numbers(trained: Run) -> None:
    rows = list(csv.DictReader(as_csv(trained).splitlines()))
    epochs = [event for event in trained.events() if isinstance(event, Epoch)]
    assert list(rows[0])[:4] == ["epoch", "step", "seconds", "train_loss"]
    for row, epoch in zip(rows, epochs, strict=True):
        assert {name: float(row[name]) for name in epoch.metrics} == epoch.metrics


def test_csv_of_a_run_without_epochs_has_its_head() -> None:
    assert as_csv(run()) == "epoch,step,seconds\n"


def test_a_folder_stands_on_its_own(trained: Run, tmp_path: Path) -> None:
    expected, copy = as_json(trained), as_folder(trained, tmp_path / "out" / "copy")
    comparison = diff(trained, Run.open(copy))
    assert journal.read(copy / "events.jsonl") == trained.events()
    assert comparison.same_weights
    with trained.writing() as record:
        record.record(Epoch(99, 99, {}, 1.0))
    shutil.rmtree(trained.path)
    again = Run.open(copy)
    assert as_json(again) == expected | {"name": "copy"}
    assert sorted(path.name for path in copy.iterdir()) == [
        "checkpoints", "events.jsonl", "export.json", "mistakes.png", "run.csv", "run.json",
    ]  # fmt: skip
    assert len(list((copy / "checkpoints").iterdir())) == 1


def test_a_folder_is_never_overwritten_nor_half_made(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_folder(trained, tmp_path / "copy")
    with pytest.raises(DescendError, match="exists already"):
        as_folder(trained, tmp_path / "copy")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(DescendError, match="the disk is full"):
        as_folder(trained, tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
