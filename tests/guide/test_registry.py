"""Finding an exercise."""

from __future__ import annotations

from pathlib import Path

import pytest

from descend.engine.errors import UsageError
from descend.guide import registry
from descend.guide.registry import exercises, find


def test_they_are_numbered_without_gaps_and_named_once() -> None:
    assert [exercise.number for exercise in exercises()] == list(range(len(exercises())))
    assert len({exercise.name for exercise in exercises()}) == len(exercises())


def test_every_folder_is_an_exercise() -> None:
    folders = {path.parent for path in Path(registry.__file__).parent.glob("exercises/*/check.py")}
    assert {exercise.folder for exercise in exercises()} == folders


@pytest.mark.parametrize("word", [0, "0", "00", "update", "00_update", "00_update.py", "my/folder/00_update.py"])
def test_all_its_names_find_it(word: str | int) -> None:
    assert find(word).name == "update"


@pytest.mark.parametrize("word", ["updaet", "99", "", "-1", "0.5"])
def test_what_is_not_there_is_an_error_that_lists_what_is(word: str) -> None:
    with pytest.raises(UsageError, match="0 update"):
        find(word)


def test_a_slip_is_recognised() -> None:
    with pytest.raises(UsageError, match="did you mean 'update'"):
        find("updaet")
