"""Zeros and copies of whole stretches of memory."""

from __future__ import annotations

import numpy as np
import pytest

from descend.kernels.code import DOUBLE, FLOAT, Function

DTYPES = {FLOAT: np.float32, DOUBLE: np.float64, "i16": np.int16}


@pytest.mark.parametrize("kind", DTYPES)
@pytest.mark.parametrize("n", [0, 1, 7, 100])
def test_the_first_elements_are_cleared_or_copied_and_no_others(run, kind: str, n: int) -> None:
    code = Function("both")
    source, target, cleared = code.pointer(0), code.pointer(1), code.pointer(2)
    code.copy(kind, target, source, code.number(3))
    code.clear(kind, cleared, n)
    x = np.random.default_rng(0).integers(1, 99, 120).astype(DTYPES[kind])
    y, z = -x, x.copy()
    run("both", code.text(), x.copy(), y, z, n)
    assert np.array_equal(y, np.where(np.arange(120) < n, x, -x))
    assert np.array_equal(z, np.where(np.arange(120) < n, 0, x))
