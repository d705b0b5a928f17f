from __future__ import annotations

import json
from pathlib import Path

import pytest

from descend.engine.errors import UsageError
from descend.recipes import recorded, registry
from descend.recipes.recipe import Recipe
from descend.train.events import Done, Epoch, Failed, Start
from descend.train.runs import Run, RunInfo

RECIPE: Recipe = registry.get("digits-mlp")
HISTORY = [Start(1, 5), Epoch(1, 5, {"test_accuracy": 0.9}, 2.0), Done({"test_accuracy": 0.9}, 2.04)]


def run(*events: object, seed: int = 3, **changes: object) -> Run:
    one = Run.create(RunInfo.now(RECIPE.name, seed, {**RECIPE.settings, "seed": seed, **changes}))
    with one.writing() as journal:
        for event in events:
            journal.record(event)  # type: ignore[arg-type]
    return one


def test_a_finished_run_is_kept_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "FILE", tmp_path / "recorded.json")
    assert recorded.load() == {}
    kept = recorded.of_run(run(*HISTORY))
    assert (kept.seed, kept.epochs, kept.seconds, kept.metrics) == (3, 1, 2.0, {"test_accuracy": 0.9})
    assert kept.stands(RECIPE)
    recorded.keep([kept])
    recorded.keep([recorded.of_run(run(*HISTORY, seed=4))])
    assert {name: row.seed for name, row in recorded.load().items()} == {"digits-mlp": 4}


@pytest.mark.parametrize(
    ("events", "changes"),
    [
        (HISTORY[:2], {}),
        ([], {}),
        ([*HISTORY[:2], Done({}, 1.0, stopped=True)], {}),
        ([*HISTORY[:2], Failed("the disk is full")], {}),
        (HISTORY, {"lr": 0.123}),
    ],
)
def test_only_a_whole_run_of_the_recipes_own_settings_is_a_result(
    events: list[object], changes: dict[str, object]
) -> None:
    with pytest.raises(UsageError, match="is not a result of digits-mlp"):
        recorded.of_run(run(*events, **changes))


def test_what_is_recorded_is_of_recipes_that_exist() -> None:
    rows = json.loads(recorded.FILE.read_text())
    assert [row["recipe"] for row in rows] == sorted({row["recipe"] for row in rows} & set(registry.names()))
    for row in recorded.load().values():
        assert row.stands(registry.get(row.recipe)), row.recipe
