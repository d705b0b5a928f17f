from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from descend.data import DataError, Problem
from descend.data.own.collected import Collected, nothing


def collected(n: int, problems: list[Problem] | None = None) -> Collected:
    x = np.arange(2.0 * n).reshape(n, 2)
    return Collected("rows", Path("here"), x, np.zeros(n, int), ["f"] * n, [""] * n, ("a",), problems or [])


def test_what_is_whole_becomes_a_data_set():
    data = collected(10).dataset()
    assert (len(data.train), len(data.test), data.found) == (8, 2, "here")
    assert collected(10).counts() == {"a": 10}


def test_a_data_set_is_named_after_its_folder_however_it_is_reached(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert replace(collected(10), place=Path()).dataset().name == tmp_path.name


def test_one_example_is_too_little():
    with pytest.raises(DataError, match="holds too little"):
        collected(1).dataset()


def test_one_problem_gives_its_own_cure_and_several_the_command():
    one, other = Problem("x.png", "it is cut short", "copy it again"), Problem("y.png", "it is empty")
    with pytest.raises(DataError) as error:
        collected(10, [one]).dataset()
    assert (error.value.given, error.value.fix) == ("x.png: it is cut short", "copy it again")
    with pytest.raises(DataError) as error:
        collected(10, [other, one]).dataset()
    assert error.value.given == "y.png: it is empty; and 1 more"
    assert "descend data info here" in error.value.fix


def test_nothing_to_predict_is_no_column():
    assert nothing([1, 2, 3]).shape == (3, 0)
