"""Reading an exercise from its folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from descend.engine.errors import DescendError
from descend.guide.exercise import cells, load
from descend.guide.registry import find


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "e07_softmax"
    shutil.copytree(find("update").folder, copied)
    return copied


def test_number_name_and_file_come_from_the_folder(folder: Path) -> None:
    exercise = load(folder)
    assert (exercise.number, exercise.name, exercise.filename) == (7, "softmax", "07_softmax.py")
    assert exercise.check_module == "descend.guide.exercises.e07_softmax.check"


def test_the_interface_comes_from_the_signature(folder: Path) -> None:
    face = load(folder).interface
    assert (face.function, face.parameters) == ("update", ("p", "g", "lr"))
    assert face.signature == "update(p, g, lr)"
    assert face.imports == ("numpy",)


def test_the_learner_sees_no_notes_to_linters(folder: Path) -> None:
    assert "ruff" in (folder / "skeleton.py").read_text()
    exercise = load(folder)
    for text in (exercise.skeleton, *(cell.source for cell in exercise.solutions)):
        assert "ruff" not in text
        assert "mypy" not in text


def test_hints_for_a_diagnosis_without_any_are_those_of_the_start(folder: Path) -> None:
    exercise = load(folder)
    assert exercise.hints_for("uphill") != exercise.hints_for("start")
    assert exercise.hints_for("syntax") == exercise.hints_for(None) == exercise.hints_for("start")


def test_a_cell_has_what_stands_above_the_first_one_and_not_its_neighbours() -> None:
    text = '"""A docstring."""\n\nimport numpy as np\n\n# %% one: first\na = 1\n\n\n# %% two: second\nb = 2\n'
    one, two = cells(text)
    assert (one.name, one.about, one.source) == ("one", "first", "import numpy as np\n\na = 1\n")
    assert (two.name, two.about, two.source) == ("two", "second", "import numpy as np\n\nb = 2\n")


@pytest.mark.parametrize("field", ["title", "stars", "function", "symbol", "library", "start"])
def test_a_field_that_is_missing_is_named(folder: Path, field: str) -> None:
    facts = folder / "exercise.toml"
    facts.write_text(facts.read_text(encoding="utf-8").replace(f"{field} =", f"{field}x ="), encoding="utf-8")
    with pytest.raises(DescendError, match=field):
        load(folder)


@pytest.mark.parametrize("signature", ["update", "update()", "update(p, g", "2(p)"])
def test_a_signature_that_is_none_is_refused(folder: Path, signature: str) -> None:
    facts = folder / "exercise.toml"
    facts.write_text(facts.read_text(encoding="utf-8").replace("update(p, g, lr)", signature), encoding="utf-8")
    with pytest.raises(DescendError, match="function"):
        load(folder)


def test_a_file_that_is_no_toml_and_one_that_is_missing_are_told(folder: Path) -> None:
    (folder / "exercise.toml").write_text("title = ")
    with pytest.raises(DescendError, match=r"exercise\.toml"):
        load(folder)
    (folder / "exercise.toml").unlink()
    with pytest.raises(DescendError, match=r"exercise\.toml"):
        load(folder)


@pytest.mark.parametrize("name", ["softmax", "e7_softmax", "e07", "e07_Softmax"])
def test_a_folder_with_another_kind_of_name_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(DescendError, match="e07_softmax"):
        load(folder.rename(folder.with_name(name)))
