"""The error function against exact values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from descend.engine.erf import erf, erfc

X = np.concatenate([np.linspace(-6, 26, 4001), np.linspace(-1, 1, 2001), [0.46875, 4.0, 1e-300, -1e-300, 0.0]])


@pytest.mark.parametrize(("ours", "exact"), [(erf, math.erf), (erfc, math.erfc)])
def test_the_relative_error_is_below_1e_15(ours: object, exact: object) -> None:
    np.testing.assert_allclose(ours(X), [exact(x) for x in X], rtol=1e-15)  # type: ignore[operator]


def test_the_ends() -> None:
    ends = np.array([-np.inf, np.inf, np.nan, -0.0])
    np.testing.assert_array_equal(erf(ends), [-1, 1, np.nan, -0.0])
    assert np.signbit(erf(ends)[3])
    np.testing.assert_array_equal(erfc(ends), [2, 0, np.nan, 1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_the_type_stays(dtype: type) -> None:
    assert erf(np.ones(2, dtype)).dtype == dtype
    assert erfc(np.ones((), dtype)).dtype == dtype
    assert erf(np.arange(3)).dtype == np.float64
