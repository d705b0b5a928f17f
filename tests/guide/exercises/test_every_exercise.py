"""Every exercise keeps the rules of `guide.review`, and the rules catch an exercise that does not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from descend.engine import symbols
from descend.guide.exercise import Exercise, load
from descend.guide.registry import exercises, find
from descend.guide.review import faults

_SEEDS = range(50)


def _properties(exercise: Exercise) -> Any:
    return import_module(exercise.check_module).PROPERTIES


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.name)
def test_it_keeps_the_rules(exercise: Exercise) -> None:
    assert faults(exercise, _properties(exercise), _SEEDS) == []


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.name)
def test_its_symbol_and_its_solution_are_in_the_framework(exercise: Exercise) -> None:
    import_module(exercise.interface.library)
    assert exercise.interface.symbol in symbols()


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.name)
def test_its_properties_are_told_in_sentences(exercise: Exercise) -> None:
    for property_ in _properties(exercise):
        assert property_.__doc__.strip().splitlines()[0].endswith(".")


Edit = Callable[[Path], None]


def _replace(name: str, *pairs: tuple[str, str]) -> Edit:
    def edit(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")

    return edit


def _keep_cells(name: str, keep: int) -> Edit:
    def edit(folder: Path) -> None:
        parts = (folder / name).read_text(encoding="utf-8").split("# %% ")
        (folder / name).write_text("# %% ".join(parts[: keep + 1]), encoding="utf-8")

    return edit


_PLANTED: dict[str, tuple[Edit, str]] = {
    "four diagnoses": (_keep_cells("mutants.py", 5), "have 4 different diagnoses, fewer than 5"),
    "one solution": (_keep_cells("solutions.py", 1), "has 1 different right answers, fewer than 2"),
    "the same solution twice": (
        lambda folder: (folder / "solutions.py").write_text(
            "# %% a: a\ndef update(p, g, lr):\n    return p - lr * g\n"
            "# %% b: b\ndef update(p, g, lr):\n    # a comment\n    return p - lr*g\n"
        ),
        "has 1 different right answers",
    ),
    "a hint missing": (_replace("exercise.toml", ("uphill = [", "downhill = [")), "'uphill' has no hints"),
    "a hint too many": (_replace("exercise.toml", ("uphill = [", "downhill = [")), "hints for 'downhill'"),
    "an empty hint": (_replace("exercise.toml", ('"One sign is all that is wrong."', '" "')), "or empty"),
    "a mutant misnamed": (
        _replace("mutants.py", ("# %% uphill: adds", "# %% swapped: adds")),
        "'adds the step' gets uphill, not swapped",
    ),
    "a mutant that is right": (
        _replace("mutants.py", ("return p + lr * g", "return p - lr * g")),
        "'adds the step' gets None",
    ),
    "a solution that is wrong": (
        _replace("solutions.py", ("return p + (-lr) * g", "return p + lr * g")),
        "'minus_rate' is refused as uphill",
    ),
    "a skeleton already solved": (
        _replace("skeleton.py", ("return ...", "return p - lr * g")),
        "its skeleton contains the line of a solution: p - lr * g",
    ),
    "a solution in the statement": (
        _replace("statement.md", ("Leave `p`", "Write `p-lr*g`. Leave `p`")),
        "its statement contains the line of a solution: p - lr * g",
    ),
    "a solution in a hint": (
        _replace("exercise.toml", ("One sign is all", "np.subtract(p, np.multiply(lr, g)) is all")),
        "its hints contains the line of a solution: np.subtract",
    ),
    "a skeleton that does not run": (
        _replace("skeleton.py", ("return ...", "return")),
        "the skeleton is not told",
    ),
    "a statement too long": (
        _replace("statement.md", ("Once your line", "word " * 100 + "Once")),
        "words, needed are 150 to 250",
    ),
    "a statement without a formula": (
        _replace("statement.md", ("$$", "")),
        "no formula",
    ),
    "a statement without the signature": (
        _replace("statement.md", ("`update(p, g, lr)`", "a function")),
        "does not say that",
    ),
}


@pytest.mark.parametrize("planted", _PLANTED)
def test_an_exercise_that_breaks_a_rule_is_caught(planted: str, tmp_path: Path) -> None:
    edit, told = _PLANTED[planted]
    update = find("update")
    folder = tmp_path / update.folder.name
    shutil.copytree(update.folder, folder)
    edit(folder)
    found = faults(load(folder), _properties(update), [0])
    assert any(told in fault for fault in found), found


def test_a_property_that_refuses_nothing_is_caught() -> None:
    def never(update: Any, rng: Any) -> None:
        """It holds always."""

    update = find("update")
    assert faults(update, (*_properties(update), never), [0]) == ["no wrong answer is refused by the property never"]
