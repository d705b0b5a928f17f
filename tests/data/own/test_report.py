from __future__ import annotations

import numpy as np
import pytest

from descend.data import DataError, inspect


def test_arrays_are_described_with_their_range_and_classes(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.linspace(-1, 3, 40).reshape(20, 2), y=np.arange(20) % 4)
    report = inspect(tmp_path / "a.npz")
    assert report.place == str(tmp_path / "a.npz")
    assert report.facts["examples"] == "20: float64 (20, 2)"
    assert report.facts["values"] == "-1 to 3, mean 1"
    assert report.facts["classes"] == "0 (5), 1 (5), 2 (5), 3 (5)"
    assert report.counts == {str(k): 5 for k in range(4)}
    assert report.problems == ()


def test_of_many_classes_the_first_are_named(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.ones((30, 2)), y=np.arange(30) % 15)
    assert inspect(tmp_path / "a.npz").facts["classes"].endswith("9 (2), and 5 more")


def test_of_a_table_the_columns_are_named(tmp_path):
    (tmp_path / "x.csv").write_text("a,b,price\n" + "".join(f"{i},{i % 2},{i / 7}\n" for i in range(10)))
    facts = inspect(tmp_path / "x.csv").facts
    assert facts["columns"] == "a, b"
    assert facts["to predict"].startswith("1 number(s), 0 to 1.28")


def test_where_nothing_can_be_used_the_problems_are_still_told(tmp_path):
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "x.png").write_bytes(b"")
    report = inspect(tmp_path)
    assert report.examples == 0
    assert report.facts["problems"] == "1"
    assert "examples" not in report.facts


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(DataError, match="no file or folder"):
        inspect(tmp_path / "nowhere")
