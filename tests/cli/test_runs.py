from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from descend.engine.errors import DescendError
from descend.recipes import child
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


def test_show_has_what_the_doctor_found(descend: Call) -> None:
    assert "doctor" not in descend("runs", "show", trained_run().name).out
    run = new_run(lr=30.0, epochs=2)
    child.train(run)
    out = descend("runs", "show", run.name).out
    assert "\nThe doctor found " in out
    assert "\n  evidence  " in out
    assert "\n  remedy    a l" in out


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


def test_show_says_why_a_run_failed_and_what_to_do(descend: Call) -> None:
    run = new_run(lr=1e30)
    with pytest.raises(DescendError):
        child.train(run)
    out = descend("runs", "show", "last").out
    assert "It failed: the loss of step" in out
    assert "learning rate 1e+30" in out
    assert "lower the learning rate" in out
    assert "descend train digits-mlp --set NAME=VALUE" in out
    failure = descend("runs", "show", "last", "--json").result["details"]["failure"]
    assert failure["fix"].startswith("lower the learning rate")


def test_a_run_is_listed_with_its_test_accuracy_in_one_line_of_80(descend: Call, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run, failed = trained_run(), new_run("mnist-lenet")
    with failed.writing() as journal:
        journal.record(Failed("the loss of step 4 is nan, and it was a very long way to say so"))
    head, first, second = descend("runs").out.splitlines()
    accuracy = last_metrics(run.events())["test_accuracy"]
    assert head.split() == ["run", "status", "epochs", "time", "result"]
    assert first.rstrip().endswith(f"  test accuracy {100 * accuracy:.2f} %")
    assert "the loss of step" in second


def told(descend: Call, *runs: Run) -> str:
    called = descend("runs", "diff", *(run.name for run in runs))
    assert called.status == 0
    return called.out


def test_diff_tells_what_two_runs_did_differently_in_words(descend: Call) -> None:
    a, b = trained_run(), trained_run(lr=0.01, epochs=2)
    out = told(descend, a, b)
    assert f"A is {a.name}\nB is {b.name}" in out
    assert "They were asked for different things" in out
    assert "A is better" in out or "B is better" in out
    better = last_metrics(b.events())["test_accuracy"] > last_metrics(a.events())["test_accuracy"]
    line = next(line for line in out.splitlines() if line.startswith("test accuracy"))
    assert f"{'B' if better else 'A'} is better" in line
    assert "same layers" in out
    assert "16 x 784" in out


def test_diff_of_different_networks_is_words(descend: Call) -> None:
    out = told(descend, trained_run(), trained_run(hidden=9))
    assert "built differently" in out
    assert "16 x 784" in out
    assert "9 x 784" in out
    other = told(descend, trained_run(), trained_run("mnist-lenet"))
    assert "built differently" in other
    assert "has none" in other
    assert "None" not in other
    assert "(16, 784)" not in out + other


def test_diff_with_a_run_that_has_no_network_yet(descend: Call) -> None:
    out = told(descend, trained_run(), new_run())
    assert "Only one of them has a network" in out
    assert "16 x 784" not in out
    assert "not measured" in out
    assert "Neither has a network" in told(descend, new_run(), new_run())


def test_diff_does_not_print_fingerprints(descend: Call) -> None:
    a, b = trained_run(), trained_run()
    description = json.loads((b.path / "run.json").read_text())
    (b.path / "run.json").write_text(json.dumps({**description, "code": "0" * 64}))
    out = told(descend, a, b)
    assert "another version" in out
    assert "0" * 8 not in out


# ---------------------------------------------------------------------------------------- deleting


def test_a_run_is_deleted_with_all_that_it_has(descend: Call) -> None:
    keep, gone = trained_run(), trained_run()
    called = descend("runs", "rm", gone.name, "--yes", "--json")
    assert called.status == 0
    assert called.result["metrics"]["bytes"] > 1000
    assert [row["name"] for row in descend("runs", "--json").report["results"]] == [keep.name]
    assert [path.name for path in keep.path.parent.iterdir()] == [keep.name]


def test_nothing_is_deleted_where_one_name_is_wrong(descend: Call) -> None:
    runs = [new_run(), new_run()]
    called = descend("runs", "rm", runs[0].name, "nosuch", "--yes")
    assert called.status == 2
    assert "nosuch" in called.err
    assert all(run.path.is_dir() for run in runs)


def test_nothing_is_deleted_where_one_of_them_is_being_trained(descend: Call) -> None:
    idle, busy = new_run(), new_run()
    with busy.writing():
        called = descend("runs", "rm", idle.name, busy.name, "--yes", "--json")
    assert called.status == 1
    assert "is being trained" in called.report["error"]["problem"]
    assert idle.path.is_dir()
    assert busy.path.is_dir()


def test_a_damaged_run_can_be_deleted(descend: Call) -> None:
    run = new_run()
    (run.path / "run.json").write_text("{")
    assert descend("runs", "rm", run.name, "--yes").status == 0
    assert not run.path.exists()


def test_without_a_terminal_nobody_is_asked_and_nothing_deleted(descend: Call) -> None:
    run = new_run()
    called = descend("runs", "rm", "last")
    assert called.status == 2
    assert "--yes" in called.err
    assert run.path.is_dir()


@pytest.mark.parametrize(("answer", "status", "left"), [("y\n", 0, False), ("n\n", 1, True), ("\n", 1, True)])
def test_in_a_terminal_it_asks(descend: Call, monkeypatch: Any, answer: str, status: int, left: bool) -> None:
    run = new_run()
    stdin = io.StringIO(answer)
    stdin.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", stdin)
    called = descend("runs", "rm", "last")
    assert called.status == status
    assert run.name in called.out
    assert run.path.is_dir() == left


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
