"""Hints in steps, for what the last check found."""

from __future__ import annotations

from pathlib import Path

import pytest

from descend.engine.errors import UsageError
from descend.guide import progress
from descend.guide.hints import hint, solution
from descend.guide.progress import Progress, Standing
from descend.guide.registry import find

_UPDATE = find("update")


def _after(folder: Path, diagnosis: str | None, passed: str | None = None) -> None:
    """As after a check with this diagnosis."""

    def checked(before: Progress) -> Progress:
        hints = before.of("update").hints
        return before.having("update", Standing(checks=1, diagnosis=diagnosis, passed=passed, hints=hints))

    progress.change(folder, checked)


def test_before_the_first_check_there_are_the_hints_of_the_start(tmp_path: Path) -> None:
    given = hint(_UPDATE, tmp_path)
    assert given.text == _UPDATE.hints["start"][0]
    assert (given.step, given.of, given.diagnosis) == (1, len(_UPDATE.hints["start"]), None)


def test_they_come_one_at_a_time_and_the_last_one_again(tmp_path: Path) -> None:
    _after(tmp_path, "uphill")
    steps = _UPDATE.hints["uphill"]
    given = [hint(_UPDATE, tmp_path) for _ in range(len(steps) + 2)]
    assert [one.text for one in given] == [*steps, steps[-1], steps[-1]]
    assert [one.repeated for one in given] == [False] * len(steps) + [True, True]


def test_another_diagnosis_has_its_own_and_the_first_is_remembered(tmp_path: Path) -> None:
    _after(tmp_path, "uphill")
    hint(_UPDATE, tmp_path)
    _after(tmp_path, "rate_divides")
    assert hint(_UPDATE, tmp_path).text == _UPDATE.hints["rate_divides"][0]
    _after(tmp_path, "uphill")
    assert hint(_UPDATE, tmp_path).text == _UPDATE.hints["uphill"][1]


def test_a_diagnosis_without_hints_of_its_own_gets_those_of_the_start(tmp_path: Path) -> None:
    _after(tmp_path, "syntax")
    assert hint(_UPDATE, tmp_path).text == _UPDATE.hints["start"][0]
    assert progress.read(tmp_path).of("update").hints == {"syntax": 1}


def test_after_success_there_is_nothing_to_hint_at(tmp_path: Path) -> None:
    _after(tmp_path, None, passed="f")
    with pytest.raises(UsageError, match=r"descend\.optim\.sgd"):
        hint(_UPDATE, tmp_path)


def test_the_solution_comes_after_success_or_on_request(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not passed yet"):
        solution(_UPDATE, tmp_path)
    assert solution(_UPDATE, tmp_path, anyway=True).library == "descend.optim.sgd"
    _after(tmp_path, None, passed="f")
    assert solution(_UPDATE, tmp_path).answers == _UPDATE.solutions


def test_a_damaged_progress_is_told_with_the_hint(tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text("{")
    assert "damaged" in hint(_UPDATE, tmp_path).notice
