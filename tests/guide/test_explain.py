"""Values in one short line."""

from __future__ import annotations

import numpy as np
import pytest

from descend.guide.explain import not_python, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (1 / 3, "0.333333"),
        (np.float32(2.5), "2.5"),
        (np.array(3.0), "3"),
        (np.array([1.0, 2.0]), "array([1., 2.])"),
        (np.zeros((2, 3), np.float32)[:1], "array([[0., 0., 0.]], dtype=float32)"),
        (np.zeros((7, 11), np.float32), "float32 array of shape (7, 11)"),
        (np.zeros((0, 3)), "array([], shape=(0, 3), dtype=float64)"),
        ("x" * 100, "'" + "x" * 59 + "..."),
        (None, "None"),
    ],
)
def test_shown(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_long_line_is_cut() -> None:
    with pytest.raises(SyntaxError) as error:
        compile("(" * 5000, "00_update.py", "exec")
    evidence = not_python(error.value, "00_update.py").evidence
    assert max(len(line) for line in evidence.splitlines()) <= 200
