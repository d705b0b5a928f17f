from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from descend.engine.errors import DescendError
from descend.recipes import answers, child
from descend.recipes.answers import Answer
from descend.train.diff import weights
from descend.train.events import Done
from tests.recipes.finished import RIGHT, answer, new_run


def test_a_right_answer_trains_the_same_network(tmp_path: Path) -> None:
    own, theirs = new_run(), new_run(given=(answer(tmp_path, RIGHT),))
    child.train(own)
    child.train(theirs)
    a, b = weights(own), weights(theirs)
    assert a.keys() == b.keys()
    assert all(np.allclose(a[name], b[name], atol=1e-6) for name in a)


def test_another_answer_trains_another_network_and_its_calls_are_counted(tmp_path: Path) -> None:
    own, theirs = new_run(), new_run(given=(answer(tmp_path, "return p - 0.5 * lr * g"),))
    child.train(own)
    child.train(theirs)
    a, b = weights(own), weights(theirs)
    assert not any(np.allclose(a[name], b[name], atol=1e-6) for name in a)
    assert answers.calls(theirs)["optim.sgd.update"] > 0
    assert answers.calls(own) == {}


def test_the_run_keeps_the_code_that_it_began_with(tmp_path: Path) -> None:
    given = answer(tmp_path, RIGHT)
    run = new_run(given=(given,))
    given.file.write_text("syntax error(")
    child.train(run)
    assert isinstance(run.events()[-1], Done)
    assert run.info.overrides == {"optim.sgd.update": f"{given.file}:update"}


@pytest.mark.parametrize("file", ["a.py", "with:colon.py", "mit Leerzeichen/ä.py"])
def test_where_an_answer_comes_from_can_be_written_and_read(file: str) -> None:
    given = Answer("optim.sgd.update", Path(file), "update")
    assert Answer.of(given.symbol, given.origin) == given


@pytest.mark.parametrize(
    ("code", "problem", "line"),
    [
        ("return p - lr * q", "your code raised NameError", "line 4: return p - lr * q"),
        ("x = 1 / 0", "your code raised ZeroDivisionError", "line 4: x = 1 / 0"),
        ("return p[0, 0, 0, 0]", "your code raised IndexError", "line 4: return p"),
        ("exit(3)", "your code raised SystemExit", "line 4: exit(3)"),
        ("return ((", "your code raised SyntaxError", "line 4: return (("),
    ],
)
def test_an_error_in_an_answer_names_its_line(code: str, problem: str, line: str, tmp_path: Path) -> None:
    given = answer(tmp_path, code)
    with pytest.raises(DescendError) as raised:
        child.train(new_run(given=(given,)))
    assert problem in raised.value.problem
    assert f"{given.file}, {line}" in (raised.value.given or "")


def test_an_error_of_ours_is_not_blamed_on_the_learner(tmp_path: Path) -> None:
    run = new_run(given=(answer(tmp_path, RIGHT),))
    with pytest.raises(RuntimeError, match="ours"), answers.installed(run):
        raise RuntimeError("ours")


def test_a_missing_function_is_said(tmp_path: Path) -> None:
    given = answer(tmp_path, RIGHT)
    run = new_run(given=(Answer(given.symbol, given.file, "updaet"),))
    with pytest.raises(DescendError, match="does not define updaet"):
        child.train(run)


def test_a_missing_file_is_said_before_anything_trains(tmp_path: Path) -> None:
    with pytest.raises(DescendError, match="cannot be read"):
        new_run(given=(Answer("optim.sgd.update", tmp_path / "nowhere.py", "update"),))
