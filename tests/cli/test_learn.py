"""Exercise 0 in the terminal, from the empty folder to the solution."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from descend.guide import registry
from tests.cli.conftest import Call
from tests.recipes.finished import RIGHT, answer

UPHILL = "return p + lr * g"


@pytest.fixture
def begun(descend: Call, cwd: Path) -> Path:
    """A folder with the exercises below the working directory."""
    assert descend("init").status == 0
    return cwd / "answers"


def test_init_makes_the_files_and_shows_the_statement(descend: Call, cwd: Path) -> None:
    called = descend("init", "mine")
    assert called.status == 0
    assert (cwd / "mine" / "00_update.py").is_file()
    assert "The line that trains every network" in called.out
    assert f"descend check update --dir {cwd / 'mine'}" in called.out
    assert "$" not in called.out


def test_init_overwrites_nothing(descend: Call, begun: Path) -> None:
    file = answer(begun, RIGHT).file
    before = file.read_text()
    called = descend("init", "--json")
    assert called.status == 0
    assert file.read_text() == before
    assert {row["details"]["written"] for row in called.report["results"]} == {False}


def test_a_wrong_answer_fails_with_its_diagnosis_and_a_hint(descend: Call, begun: Path) -> None:
    answer(begun, UPHILL)
    called = descend("check")
    assert called.status == 1
    assert "uphill" in called.out
    assert "descend hint update" in called.out
    result = descend("check", "0", "--json").result
    assert result["passed"] is False
    assert result["details"]["diagnosis"]["name"] == "uphill"
    assert result["metrics"]["hints"] == 3


def test_hints_come_one_by_one(descend: Call, begun: Path) -> None:
    answer(begun, UPHILL)
    descend("check")
    steps = [descend("hint", "--json").result for _ in range(4)]
    assert [hint["metrics"]["step"] for hint in steps] == [1, 2, 3, 3]
    assert len({hint["details"]["hint"] for hint in steps}) == 3
    assert steps[-1]["details"]["repeated"]


def test_a_right_answer_passes_and_shows_what_to_train(descend: Call, begun: Path) -> None:
    answer(begun, RIGHT)
    called = descend("check", "update", "--dir", begun)
    assert called.status == 0
    assert "has passed" in called.out
    assert f"descend train digits-mlp --with {begun}" in called.out


def test_the_seed_repeats_a_check(descend: Call, begun: Path) -> None:
    answer(begun, UPHILL)
    evidence = [descend("check", "--seed", 5, "--json").result["details"]["diagnosis"]["evidence"] for _ in range(2)]
    assert evidence[0] == evidence[1]


def test_the_solution_waits_for_the_answer(descend: Call, begun: Path) -> None:
    assert descend("hint", "--solution").status == 2
    assert descend("hint", "--solution", "--anyway").status == 0
    answer(begun, RIGHT)
    descend("check")
    assert "descend.optim.sgd" in descend("hint", "0", "--solution").out


def test_the_list_says_how_far_one_is(descend: Call, begun: Path) -> None:
    def standing() -> str:
        return descend("exercises", "--json").report["results"][0]["details"]["standing"]

    assert standing() == "not begun"
    answer(begun, UPHILL)
    descend("check")
    assert standing() == "begun"
    answer(begun, RIGHT)
    descend("check")
    assert standing() == "passed"


def test_an_exercise_can_be_read_anywhere(descend: Call, cwd: Path) -> None:
    called = descend("exercises", "0")
    assert called.status == 0
    assert "Write it" in called.out
    assert not list(cwd.iterdir())


def test_the_next_exercise_is_the_first_that_has_not_passed(
    descend: Call, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = registry.find(0)
    course = (first, replace(first, number=1, name="second"))
    monkeypatch.setattr(registry, "exercises", lambda: course)
    (begun / "01_second.py").write_text(answer(begun, RIGHT).file.read_text())
    order = [descend("check", "--json").result["name"] for _ in range(3)]
    assert order == ["update", "second", "second"]


@pytest.mark.parametrize("command", ["check", "hint"])
def test_without_a_folder_it_says_how_to_make_one(command: str, descend: Call, cwd: Path) -> None:
    called = descend(command)
    assert called.status == 2
    assert "descend init" in called.err
    assert descend(command, "--dir", cwd / "nowhere").status == 2


def test_it_works_from_inside_the_folder(descend: Call, begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(begun, RIGHT)
    monkeypatch.chdir(begun)
    assert descend("check").status == 0


def test_what_the_learner_printed_is_shown(descend: Call, begun: Path) -> None:
    answer(begun, "print('p is [bold]', p.shape)\n" + RIGHT)
    assert "p is [bold]" in descend("check").out
