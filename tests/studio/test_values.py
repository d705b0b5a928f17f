from __future__ import annotations

import json

import numpy as np

from descend.studio.values import plain


def test_values_are_strict_json() -> None:
    odd = {"a": [float("inf"), np.int64(3)], 1: {"b": float("nan")}, "c": (np.float64("nan"), "x")}
    assert json.loads(json.dumps(plain(odd), allow_nan=False)) == {"a": [None, 3], "1": {"b": None}, "c": [None, "x"]}
