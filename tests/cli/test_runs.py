from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from descend.train.diff import last_metrics
from descend.train.events import Failed
from descend.train.runs import Run
from tests.cli.conftest import Call
from tests.recipes.finished import new_run, trained_run


def test_without_runs_it_says_how_to_make_one(descend: Call) -> None:
    called = descend("runs")
    assert called.status == 0
    assert "descend train" in called.out


def test_the_list_has_every_run_the_newest_last(descend: Call) -> None:
    made = [trained_run(), new_run(), trained_run("hackers-guide")]
    rows = descend("runs", "--json").report["results"]
    assert [row["name"] for row in rows] == [run.name for run in made]
    assert [row["details"]["status"] for row in rows] == ["finished", "new", "finished"]
    assert rows[0]["metrics"] == last_metrics(made[0].events())
    out = descend("runs").out
    assert all(run.name in out for run in made)
    assert [row["name"] for row in descend("runs", "list", "--recipe", "digits-mlp", "--json").report["results"]] == [
        made[0].name,
        made[1].name,
    ]


def test_a_damaged_run_is_listed_as_such_and_fails_the_command(descend: Call) -> None:
    run = trained_run()
    (run.path / "run.json").write_text("{")
    called = descend("runs", "--json")
    assert called.status == 1
    assert called.result["details"]["status"] == "damaged"


def test_show_has_settings_surroundings_and_epochs(descend: Call) -> None:
    run = trained_run(epochs=2)
    for name in (run.name, "last", str(run.path)):
        called = descend("runs", "show", name)
        assert called.status == 0
        assert all(word in called.out for word in (run.name, "finished", "batch_size", "numpy", "validation accuracy"))
    result = descend("runs", "show", "last", "--json").result
    assert (result["name"], result["epochs"]) == (run.name, 2)
    assert result["metrics"] == last_metrics(run.events())


def test_the_newest_run_is_the_last_one_made(descend: Call) -> None:
    runs = [trained_run() for _ in range(11)]
    assert descend("runs", "show", "last", "--json").result["name"] == runs[-1].name


def test_the_newest_run_is_the_last_one_made_whatever_its_name(descend: Call) -> None:
    older, newer = new_run("mnist-lenet"), new_run("digits-mlp")
    description = json.loads((older.path / "run.json").read_text())
    created = description["created"]
    (older.path / "run.json").write_text(json.dumps({**description, "created": "2020" + created[4:]}))
    assert descend("runs", "show", "last", "--json").result["name"] == newer.name


def test_a_training_that_failed_does_not_fail_the_list(descend: Call) -> None:
    run = new_run()
    with run.writing() as journal:
        journal.record(Failed("it went wrong"))
    called = descend("runs", "--json")
    assert called.result["details"]["status"] == "failed"
    assert called.status == 0


def test_diff_says_where_two_runs_differ(descend: Call) -> None:
    a, b = trained_run(), trained_run(lr=0.01)
    called = descend("runs", "diff", a.name, b.name, "--json")
    assert called.status == 0
    details = called.result["details"]
    assert [row["name"] for row in details["settings"]] == ["lr"]
    assert details["same_weights"] is False
    assert all(distance > 0 for distance in called.result["metrics"].values())
    assert "lr" in descend("runs", "diff", a.name, b.name).out


def test_diff_says_that_two_runs_are_one(descend: Call) -> None:
    a, b = trained_run(), trained_run()
    assert "the same, bit for bit" in descend("runs", "diff", a.name, b.name).out


def test_diff_names_tensors_of_other_shapes(descend: Call) -> None:
    a, b = trained_run(), trained_run(hidden=9)
    assert "(16, 784) in one and (9, 784) in the other" in descend("runs", "diff", a.name, b.name).out


def test_export_prints_a_table_or_an_object(descend: Call) -> None:
    run = trained_run(epochs=2)
    rows = list(csv.DictReader(descend("runs", "export", "last").out.splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert float(rows[-1]["train_loss"]) == last_metrics(run.events())["train_loss"]
    assert json.loads(descend("runs", "export", "last", "--format", "json").out)["name"] == run.name
    assert descend("runs", "export", "last", "--format", "xml").status == 2


def test_an_exported_folder_needs_nothing_else(descend: Call, tmp_path: Path) -> None:
    run = trained_run()
    assert descend("runs", "export", run.name, "--to", tmp_path / "copy").status == 0
    shutil.rmtree(run.path)
    assert descend("runs", "show", tmp_path / "copy").status == 0
    assert Run.open(tmp_path / "copy").status() == "finished"


@pytest.mark.parametrize("command", ["show", "export"])
def test_the_newest_of_none_is_refused(command: str, descend: Call) -> None:
    assert descend("runs", command, "last").status == 2
