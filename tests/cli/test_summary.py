from __future__ import annotations

from descend.recipes import registry
from descend.train.runs import Run
from tests.cli.conftest import Call


def test_a_recipe_or_a_run(descend: Call, finished: Run) -> None:
    assert descend("summary", "digits-mlp", "--json").result["metrics"]["parameters"] == 784 * 100 + 100 + 1000 + 10
    assert descend("summary", finished.path, "--json").result["metrics"]["parameters"] == 784 * 30 + 30 + 300 + 10


def test_settings_change_the_network(descend: Call) -> None:
    called = descend("summary", "digits-mlp", "--set", "hidden=7", "--json")
    assert called.result["details"]["shapes"]["1.weight"] == [7, 784]


def test_a_run_has_its_settings(descend: Call, finished: Run) -> None:
    assert descend("summary", finished.path, "--set", "hidden=7").status == 2


def test_people_see_the_layers(descend: Call) -> None:
    called = descend("summary", "mnist-lenet")
    assert "Conv2d" in called.out
    settings = registry.get("mnist-lenet").settings
    assert descend("summary", "mnist-lenet", "--json").result["details"]["settings"] == settings
