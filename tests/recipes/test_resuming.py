from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from descend.cli.main import main
from descend.engine.errors import DescendError, UsageError
from descend.recipes import child, resuming
from descend.train.events import Done, Failed, Start
from descend.train.runs import Run, runs
from tests.recipes.finished import RIGHT, answer, new_run, trained_run


def failed(*, checkpoint: bool) -> Run:
    run = trained_run() if checkpoint else new_run()
    with run.writing() as journal:
        journal.record(Failed("the disk is full", fix="free some space"))
    return run


def test_a_finished_run_leads_to_a_longer_one() -> None:
    run = trained_run(lr=0.1)
    with pytest.raises(UsageError, match="is finished") as refused:
        resuming.verify(run)
    assert "descend train digits-mlp" in str(refused.value.fix)
    assert "--epochs 2" in str(refused.value.fix)
    assert "lr=0.1" in str(refused.value.fix)


def test_what_failed_without_a_checkpoint_leads_to_another_run() -> None:
    run = failed(checkpoint=False)
    with pytest.raises(UsageError, match="before its first checkpoint") as refused:
        resuming.verify(run)
    assert refused.value.given == "the disk is full"
    assert str(refused.value.fix).startswith("free some space; begin a new run")
    assert "--resume" not in resuming.advice(run)


def test_what_can_go_on_is_told_how() -> None:
    run = failed(checkpoint=True)
    resuming.verify(run)
    assert resuming.advice(run).endswith(f"--resume {run.name}")
    assert "checkpoint" in resuming.advice(run)
    begun = new_run()
    with begun.writing() as journal:
        journal.record(Start(1, 10))
    resuming.verify(begun)
    assert "checkpoint" not in resuming.advice(begun)


def test_a_run_that_was_stopped_goes_on() -> None:
    run = new_run()
    with run.writing() as journal:
        journal.record(Done({}, 0.1, stopped=True))
    resuming.verify(run)


def test_data_that_have_changed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run()
    monkeypatch.setattr("descend.recipes.places.fingerprint", lambda *_: "another")
    with pytest.raises(DescendError, match="have changed"):
        resuming.verify(run)


def test_the_command_begins_the_same_run_again() -> None:
    run = new_run(lr=0.1, seed=3)
    words = shlex.split(resuming.command(run))
    assert words[0] == "descend"
    assert main(words[1:]) == 0
    again = runs()[-1]
    assert again.info.settings == run.info.settings
    assert again.name != run.name


def test_the_command_names_the_executor_where_it_would_be_another() -> None:
    run = new_run()
    assert shlex.split(resuming.command(run))[-1] == "--no-compile"
    run.info = replace(run.info, executor="native")
    assert "compile" not in resuming.command(run)
    run.info = replace(run.info, overrides={"optim.sgd.update": "/answers/00_update.py:update"})
    assert "--compile" in shlex.split(resuming.command(run))
    run.info = replace(run.info, recipe="cs231n-spiral", executor="eager", overrides={}, settings={})
    assert "compile" not in resuming.command(run)


def test_the_command_has_the_learners_folder_and_the_changes(tmp_path: Path) -> None:
    folder = tmp_path / "my answers"
    folder.mkdir()
    run = new_run(given=(answer(folder, RIGHT),))
    child.train(run)
    words = shlex.split(resuming.command(run, epochs=7))
    assert words[words.index("--with") + 1] == str(folder)
    assert words[words.index("--epochs") + 1] == "7"
