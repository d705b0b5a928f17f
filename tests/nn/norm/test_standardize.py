from __future__ import annotations

import numpy as np

from descend.engine import Tensor, check_gradients
from descend.nn.norm.standardize import standardized

X = np.random.default_rng(0).standard_normal((3, 4, 5)) * 7 + 3


def test_mean_0_and_variance_1_along_the_axes():
    y = standardized(Tensor(X), (0, 2), 0.0).numpy()
    assert np.allclose(y.mean((0, 2)), 0)
    assert np.allclose(y.var((0, 2)), 1)


def test_gradients_of_first_and_second_order():
    check_gradients(lambda x: standardized(x, (1,), 1e-3), X[0], order=2)
