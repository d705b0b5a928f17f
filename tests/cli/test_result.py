from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend.cli.result import Report, Result, checked
from descend.recipes.recipe import Expect

RESULT_KEYS = ["name", "seed", "executor", "epochs", "seconds", "metrics", "expect", "passed", "details"]


def test_the_schema() -> None:
    row = json.loads(Report(command="train", results=[Result(name="a")]).to_json())
    assert list(row) == ["command", "passed", "seconds", "results", "error"]
    assert list(row["results"][0]) == RESULT_KEYS


def test_it_passes_where_all_results_pass_and_nothing_went_wrong() -> None:
    good, bad = Result(name="a"), Result(name="b", passed=False)
    assert Report(command="c", results=[]).passed
    assert Report(command="c", results=[good, good]).passed
    assert not Report(command="c", results=[good, bad]).passed
    assert not Report(command="c", results=[good], error={"problem": "p"}).passed


@given(value=st.floats() | st.integers() | st.text() | st.lists(st.floats(), max_size=3))
def test_whatever_is_in_it_it_is_one_line_of_strict_json(value: object) -> None:
    text = Report(command="c", results=[Result(name="a", details={"value": value})]).to_json()
    assert "\n" not in text

    def refused(constant: str) -> None:
        raise AssertionError(constant)

    json.loads(text, parse_constant=refused)


def test_numpys_numbers_paths_and_what_is_not_finite_are_plain() -> None:
    metrics = {"a": np.float32(0.5), "b": math.nan, "c": np.int64(3), "d": -math.inf}
    row = json.loads(
        Report(command="c", results=[Result(name="a", metrics=metrics, details={"p": Path("x/y")})]).to_json()
    )
    assert row["results"][0]["metrics"] == {"a": 0.5, "b": None, "c": 3, "d": None}
    assert row["results"][0]["details"] == {"p": "x/y"}


def test_an_expectation_comes_with_the_value_reached() -> None:
    expect = Expect(metric="m", target=1.0, tolerance=0.1, source="a paper")
    (hit,), (miss,), (absent,) = (checked([expect], metrics) for metrics in ({"m": 1.05}, {"m": 2.0}, {}))
    assert hit["passed"]
    assert hit["value"] == 1.05
    assert hit["must"] == "m = 1 ± 0.1"
    assert not miss["passed"]
    assert not absent["passed"]
    assert absent["value"] is None
