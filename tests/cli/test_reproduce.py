from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from descend.cli import reproduce
from descend.cli.result import Result
from descend.engine.errors import DescendError
from descend.recipes import recorded, registry
from descend.recipes.launch import KilledError
from descend.train.render import number
from tests.cli.conftest import Call


def test_it_writes_a_table_of_what_was_reached(descend: Call, cwd: Path) -> None:
    called = descend("reproduce", "hackers-guide", "digits-mlp", "--tiny", "--seed", 2, "--json")
    assert called.status == 0
    rows = called.report["results"]
    assert [row["name"] for row in rows] == ["hackers-guide", "digits-mlp"]
    assert {row["expect"] for row in rows} == {None}
    assert rows[1]["seed"] == 2
    kept = json.loads((cwd / "results" / "results.json").read_text())
    assert kept["results"] == rows
    table = (cwd / "results" / "results.md").read_text().splitlines()
    assert len(table) == 4
    assert "not compared: hidden is 16" in table[3]
    assert {line.count("|") for line in table} == {8}


def test_a_recipe_that_fails_does_not_keep_the_others_from_running(
    descend: Call, cwd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = replace(registry.get("digits-mlp"), settings={"data": "mnits"}, tiny={})
    sound = registry.get("hackers-guide")
    monkeypatch.setattr(registry, "get", {"digits-mlp": broken, "hackers-guide": sound}.__getitem__)
    called = descend("reproduce", "digits-mlp", "hackers-guide", "--tiny", "--json")
    assert called.status == 1
    assert [row["passed"] for row in called.report["results"]] == [False, True]
    assert "no data set 'mnits'" in (cwd / "results" / "results.md").read_text()


def test_a_recipe_at_its_full_size_is_compared(descend: Call, tmp_path: Path) -> None:
    called = descend("reproduce", "hackers-guide", "--out", tmp_path / "a" / "b", "--json")
    assert called.status == 0
    assert all(row["passed"] for row in called.result["expect"])
    assert "| yes |" in (tmp_path / "a" / "b" / "results.md").read_text()


def test_the_recorded_results_are_shown_without_training(descend: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = registry.get("nielsen-ch1")
    row = recorded.load()["nielsen-ch1"]
    assert row.stands(recipe)
    changed = replace(row, settings={**row.settings, "lr": 0.5})
    low = replace(row, metrics={"best_test_accuracy": 0.9})
    for kept, status, words in (
        ({"nielsen-ch1": row}, 0, number("accuracy", row.metrics["best_test_accuracy"])),
        ({"nielsen-ch1": low}, 1, "90.00 %"),
        ({"nielsen-ch1": changed}, 1, "recorded with other settings"),
        ({}, 1, "not recorded"),
    ):
        monkeypatch.setattr(recorded, "load", lambda kept=kept: kept)
        called = descend("reproduce", "nielsen-ch1", "--recorded")
        assert called.status == status
        assert words in called.out
        assert called.out.split("\n")[1].split()[:5] == ["nielsen-ch1", "95.42", "%", "±", "0.40"]


def test_the_recorded_table_is_whole_in_80_columns(descend: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rows = recorded.load()
    rows.pop("nielsen-ch6-dropout")
    slow = replace(rows["mnist-lenet"], metrics={"test_accuracy": 0.9935}, seconds=4000.0)
    monkeypatch.setattr(recorded, "load", lambda: {**rows, "mnist-lenet": slow})
    called = descend("reproduce", "nielsen", "mnist-lenet", "--recorded")
    lines = [line.rstrip() for line in called.out.splitlines()]
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["recipe", "published", "must", "be", "ours", "time"]
    cells = [" ".join(line.split()) for line in lines]
    assert "mnist-lenet 99.05 % >= 99.00 % 99.35 % yes 1:06:40" in cells
    assert "nielsen-ch6-dropout 99.60 % >= 99.45 % not run" in cells
    assert [cell.startswith("4 layers 4 0.2850 0.142 to 0.57 0.") for cell in cells].count(True) == 1
    assert "nielsen-ch6-dropout: not recorded" in lines


@pytest.mark.parametrize(("error", "ran"), [(DescendError("it hung"), 2), (KilledError("it was stopped"), 1)])
def test_a_second_ctrl_c_ends_all_of_it(
    error: DescendError, ran: int, descend: Call, cwd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(reproduce, "prepared", fails)
    called = descend("reproduce", "digits-mlp", "hackers-guide", "--tiny", "--json")
    assert len(called.report["results"]) == ran


def test_an_interruption_says_what_is_left(descend: Call, cwd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = Result(name="digits-mlp", passed=False, seconds=1.0, details={"stopped": True, "not_checked": "stopped"})
    monkeypatch.setattr(reproduce, "_reproduced", lambda *_: stopped)
    called = descend("reproduce", "digits-mlp", "hackers-guide", "lag-rnn", "--tiny")
    assert "the rest with: descend reproduce hackers-guide lag-rnn --out" in called.out
    assert len(json.loads((cwd / "results" / "results.json").read_text())["results"]) == 1


def test_what_several_names_begin_with_stands_for_all_of_them(descend: Call) -> None:
    called = descend("reproduce", "nielsen-ch5", "hackers-guide", "--recorded", "--json")
    names = [row["name"] for row in called.report["results"]]
    assert names == [*(name for name in registry.names() if name.startswith("nielsen-ch5-")), "hackers-guide"]
