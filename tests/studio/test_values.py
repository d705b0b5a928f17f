from __future__ import annotations

import json

import numpy as np
import pytest

from descend.studio.values import figure, plain


def test_values_are_strict_json() -> None:
    odd = {"a": [float("inf"), np.int64(3)], 1: {"b": float("nan")}, "c": (np.float64("nan"), "x")}
    assert json.loads(json.dumps(plain(odd), allow_nan=False)) == {"a": [None, 3], "1": {"b": None}, "c": [None, "x"]}


# The client writes numbers by the same rules: ui/tests/numbers.test.ts has the same rows.
@pytest.mark.parametrize(
    ("v", "text"),
    [(0, "0"), (0.1 + 0.2, "0.3"), (-2, "−2"), (2017.37, "2\u202f017"), (1.66e8, "1.66·10⁸"), (1e-7, "1·10⁻⁷"),
     (2.3535e-7, "2.35·10⁻⁷"), (999.96, "1000"), (float("inf"), "∞"), (float("nan"), "not a number"),
     (123456, "123\u202f456"), (12345.6, "12\u202f346")],
)  # fmt: skip
def test_a_number_for_people(v: float, text: str) -> None:
    assert figure(v) == text
