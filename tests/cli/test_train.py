from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from descend.recipes import registry
from descend.recipes.recipe import Expect
from descend.train.runs import Run, runs
from tests.cli.conftest import Call
from tests.recipes.finished import RIGHT, answer, environment, new_run

TINY = ("train", "digits-mlp", "--tiny")


def test_a_run_ends_with_its_result(descend: Call) -> None:
    called = descend(*TINY, "--seed", 3, "--json")
    assert called.status == 0
    assert len(called.out.splitlines()) == 1
    result = called.result
    (run,) = runs()
    assert (result["name"], result["seed"], result["executor"], result["epochs"]) == ("digits-mlp", 3, "eager", 1)
    assert result["metrics"]["test_accuracy"] > 0.1
    assert result["details"]["run"] == run.name
    assert "Ctrl-C" in called.err
    assert Path(result["details"]["pictures"]["mistakes"]).is_file()


def test_people_read_the_accuracy_the_pictures_and_what_comes_next(descend: Call) -> None:
    called = descend(*TINY)
    (run,) = runs()
    assert "test accuracy" in called.out
    assert str(run.path / "pictures" / "mistakes.png") in called.out
    assert f"descend predict {run.name}" in called.out
    assert "Not compared with what the recipe must reach, as hidden is 16, not 100" in called.out


@pytest.mark.parametrize(
    ("options", "executor"),
    [
        (["--tiny"], "eager"),
        (["--tiny", "--compile"], "native"),
        (["--set", "batch_size=500"], "native"),
        (["--set", "batch_size=500", "--no-compile"], "eager"),
    ],
)
def test_a_training_is_compiled_where_it_pays(options: list[str], executor: str, descend: Call) -> None:
    called = descend("train", "digits-mlp", "--epochs", 1, *options, "--json")
    assert called.status == 0
    assert called.result["executor"] == executor
    (run,) = runs()
    assert run.info.executor == executor


def test_what_is_no_training_cannot_be_compiled(descend: Call) -> None:
    called = descend("train", "cs231n-spiral", "--tiny", "--compile")
    assert called.status == 2
    assert "cs231n-spiral is no training" in called.err
    assert runs() == []


def test_changed_settings_are_not_compared(descend: Call) -> None:
    called = descend(*TINY, "--set", "hidden=9", "--epochs", 2, "--json")
    assert called.result["expect"] is None
    assert called.result["epochs"] == 2
    assert called.result["details"]["settings"]["hidden"] == 9
    assert "hidden is 9, not 100" in called.result["details"]["not_checked"]


@pytest.mark.parametrize(("bound", "status"), [(0.05, 0), (1.01, 1)])
def test_a_recipe_with_its_own_settings_must_reach_its_result(
    bound: float, status: int, descend: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = registry.get("digits-mlp")
    expect = (Expect(metric="test_accuracy", at_least=bound, source="this test"),)
    own = replace(recipe, settings={**recipe.settings, **recipe.tiny}, expect=expect)
    monkeypatch.setattr(registry, "get", lambda _: own)
    called = descend("train", "digits-mlp", "--json")
    assert called.status == status
    (row,) = called.result["expect"]
    assert row["passed"] is called.result["passed"] is called.report["passed"] is (status == 0)
    assert row["value"] == called.result["metrics"]["test_accuracy"]


def test_other_data_are_named_or_in_a_directory(descend: Call, tmp_path: Path) -> None:
    # A few digits under the names of MNIST's files: it trains as the recipe does, on the data in the directory.
    shutil.copytree(str(files("descend.data") / "embedded" / "digits"), tmp_path / "mnist")
    small = ("train", "nielsen-ch3", "--epochs", 1, "--set", "batch_size=500", "--json")
    named, placed = descend(*small, "--data", "digits"), descend(*small, "--data", tmp_path)
    assert named.status == 0
    assert named.result["details"]["settings"]["data"] == "digits"
    assert placed.result["details"]["settings"]["data"] == "mnist"
    assert placed.result["metrics"] == named.result["metrics"]


def test_an_answer_takes_part_and_is_named(descend: Call, cwd: Path) -> None:
    assert descend("init").status == 0
    given = answer(cwd / "answers", RIGHT)
    assert descend("check", "--seed", 1).status == 0
    called = descend(*TINY, "--with", "answers", "--json")
    assert called.status == 0
    (used,) = called.result["details"]["answers"].values()
    assert used["from"] == f"{given.file}:update"
    assert used["calls"] > 0
    assert "00_update.py:update stood for optim.sgd.update" in called.err


def test_an_answer_that_has_not_passed_takes_no_part(descend: Call, cwd: Path) -> None:
    descend("init")
    called = descend(*TINY, "--with", "answers")
    assert called.status == 1
    assert "not ready" in called.err
    assert runs() == []


def test_a_failure_is_told_without_a_traceback(descend: Call) -> None:
    called = descend(*TINY, "--set", "lr=1e30", "--json")
    assert called.status == 1
    assert "the loss of step" in called.report["error"]["problem"]
    assert "learning rate" in called.report["error"]["given"]
    assert "Traceback" not in called.err


@pytest.mark.parametrize(
    "options", [["--set", "lr=-1"], ["--epochs", 0], ["--epochs", -2], ["--seed", -1], ["--set", "batch_size=0"]]
)
def test_nothing_is_made_for_a_setting_that_is_refused(descend: Call, options: list[object]) -> None:
    called = descend("train", "digits-mlp", *options, "--json")
    assert called.status == 2
    assert "cannot be" in called.report["error"]["problem"]
    assert "at least" in called.report["error"]["needed"] or "above" in called.report["error"]["needed"]
    assert runs() == []


def test_a_run_that_was_begun_goes_on(descend: Call) -> None:
    run = new_run(epochs=2)
    called = descend("train", "--resume", run.name, "--json")
    assert called.status == 0
    assert called.result["epochs"] == 2
    assert Run.open(run.name).status() == "finished"


def test_a_finished_run_is_told_and_not_measured_again(descend: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    first = descend(*TINY, "--seed", 3, "--json").result
    (run,) = runs()
    before = {path: path.stat().st_mtime_ns for path in run.path.rglob("*")}
    # Neither a process nor a look at the test set: both would fail.
    monkeypatch.setattr("descend.recipes.launch.train", None)
    monkeypatch.setattr("descend.recipes.places.load", None)
    called = descend("train", "--resume", run.name, "--json")
    assert called.status == 0
    assert {path: path.stat().st_mtime_ns for path in run.path.rglob("*")} == before
    assert called.result["metrics"] == first["metrics"]
    assert called.result["epochs"] == first["epochs"] == 1
    assert called.result["details"]["pictures"] == first["details"]["pictures"]
    assert called.result["details"]["finished_before"] is True
    assert "is finished" in called.err
    assert "To train longer, begin a new run: descend train digits-mlp" in called.err
    assert "--epochs 2 --seed 3" in called.err


def test_a_run_that_failed_at_once_does_not_lead_to_itself(descend: Call) -> None:
    assert descend(*TINY, "--set", "lr=1e30").status == 1
    (run,) = runs()
    called = descend("train", "--resume", run.name, "--json")
    assert called.status == 2
    error = called.report["error"]
    assert "before its first checkpoint" in error["problem"]
    assert "the loss of step" in error["given"]
    assert "--resume" not in error["fix"]
    assert "descend train digits-mlp --set NAME=VALUE" in error["fix"]
    assert run.status() == "failed"


@pytest.mark.parametrize(
    "option",
    [
        ["--seed", "1"], ["--set", "lr=1"], ["--data", "digits"], ["--epochs", "9"], ["--tiny"],
        ["--compile"], ["--no-compile"],
    ],
)  # fmt: skip
def test_a_run_goes_on_as_it_began(option: list[str], descend: Call) -> None:
    called = descend("train", "--resume", new_run().name, *option)
    assert called.status == 2
    assert "goes on as it began" in called.err


def test_a_run_of_another_recipe_does_not_go_on(descend: Call) -> None:
    called = descend("train", "mnist-lenet", "--resume", new_run().name)
    assert called.status == 2
    assert "is a run of digits-mlp" in called.err


def test_ctrl_c_in_the_terminal_stops_and_the_printed_command_goes_on(
    descend: Call, home: Path, tmp_path: Path
) -> None:
    slow = answer(tmp_path, "import time; time.sleep(0.02)\n" + RIGHT)
    run = new_run(given=(slow,), epochs=20)
    command = [sys.executable, "-m", "descend", "train", "--resume", run.name, "--json"]
    process = subprocess.Popen(
        command,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while len(run.events()) < 3:
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everybody in the foreground
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    (result,) = json.loads(out.splitlines()[-1])["results"]
    assert result["details"]["stopped"] is True
    assert result["passed"] is False
    assert f"Go on with: descend train --resume {run.name}" in err
    assert "Traceback" not in err
