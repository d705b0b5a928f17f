"""A correlation in another basis is the correlation."""

from __future__ import annotations

import numpy as np
import pytest

from descend.kernels.toom_cook import transforms

SIDES = [(2, 3), (4, 3), (6, 3), (2, 5), (3, 5), (4, 5), (2, 2)]


@pytest.mark.parametrize(("m", "r"), SIDES)
def test_a_short_correlation(m: int, r: int) -> None:
    rng = np.random.default_rng(m)
    x, w, change = rng.standard_normal(m + r - 1), rng.standard_normal(r), transforms(m, r)
    found = change.output @ ((change.kernel @ w) * (change.input @ x))
    np.testing.assert_allclose(found, np.correlate(x, w, "valid"), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("m", "r"), SIDES)
def test_read_backwards_it_is_the_gradient_of_the_weights(m: int, r: int) -> None:
    rng = np.random.default_rng(r)
    x, g, change = rng.standard_normal(m + r - 1), rng.standard_normal(m), transforms(m, r)
    found = change.kernel.T @ ((change.output.T @ g) * (change.input @ x))
    np.testing.assert_allclose(found, np.correlate(x, g, "valid"), rtol=0, atol=1e-12)
