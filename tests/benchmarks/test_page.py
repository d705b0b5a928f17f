"""What is kept of each benchmark, and the page that is made from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import page, picture, store
from benchmarks.tabled import Tabled
from benchmarks.training_steps import aims
from descend.cli.result import Result, checked


def of(name: str, low: float) -> Result:
    found = {
        "rounds": 15, "ours_ms": 1.0, "torch_ms": low, "ratio_torch": low, "ratio_torch_low": low,
        "ratio_torch_high": low, "ours_eager_ms": 2.0, "deviation": 1e-6, "deviation_torch": 1e-7,
    }  # fmt: skip
    expect = aims.gates(name, ("ours", "torch"))
    return Result(
        name=f"training_steps {name}", metrics=found, expect=checked(expect, found),
        passed=all(goal.holds(found) for goal in expect),
        details={"absent": {"torch-compile": "no step within 1 s"}, "load": [3.0, 4.0]},
    )  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "results.json"
    store.keep([of("mlp", 1.6), of("lstm", 1.1)], path)
    return path


def test_a_new_run_replaces_its_own_row_only(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = store.read(kept)
    monkeypatch.setattr(store, "today", lambda: "later")
    store.keep([of("mlp", 1 / 3)], kept)
    after = store.read(kept)
    assert [*after] == [*before]
    assert after["training_steps lstm"] == before["training_steps lstm"]
    assert after["training_steps mlp"]["date"] == "later"
    assert after["training_steps mlp"]["metrics"]["ratio_torch"] == 0.333333  # the sixth digit is noise


def test_there_is_nothing_before_the_first_run(tmp_path: Path) -> None:
    assert store.read(tmp_path / "none.json") == {}


def test_the_page_names_what_was_missed_and_what_was_not_measured(kept: Path) -> None:
    rows = store.read(kept)
    found = page.page(rows)
    date = rows["training_steps mlp"]["date"]
    assert "| mlp | **1.60** (1.60 to 1.60) |" in found
    assert f"| mlp: ratio_torch_low >= 1.5 | 1.6 | yes | {date} |" in found
    assert f"| lstm: ratio_torch_low >= 1.2 | 1.1 | **no** | {date} |" in found
    assert "| lstm: ratio to torch >= 2 | 1.1 | **no** |" in found
    assert "Geometric mean over the eight workloads: torch 1.33 (2 of them)." in found
    assert "- lstm, torch-compile: no step within 1 s." in found
    assert "3.0 to 4.0" in found
    assert "| mlp | 1,000 | 500 | 625 |" in found
    assert page.steps(dict(reversed(rows.items()))) == page.steps(rows)
    assert found.count(rows["training_steps mlp"]["machine"]) == 1


def test_a_benchmark_brings_its_table_along(tmp_path: Path) -> None:
    found = Tabled({"megabytes": 3.0}, "Memory", "What was done.", [["workload", "ours"], ["mlp", "3"]])
    path = tmp_path / "results.json"
    store.keep([Result(name="memory", metrics=found.metrics(), details={**found.details(), "load": [1.0, 2.0]})], path)
    assert "## Memory\n\nWhat was done.\n\n| workload | ours |\n| --- | --- |\n| mlp | 3 |\n\n" in page.page(
        store.read(path)
    )


def test_the_picture_is_the_same_for_the_same_numbers(kept: Path, tmp_path: Path) -> None:
    drawn = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for path in drawn:
        picture.draw(page.steps(store.read(kept)), path)
    first, second = (path.read_text(encoding="utf-8") for path in drawn)
    assert first == second
    assert "lstm" in first
