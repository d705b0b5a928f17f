from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from descend import nn
from descend.engine import Tensor
from descend.optim import Windowgrad


@settings(max_examples=25)
@given(st.floats(1e-4, 1), st.floats(0, 0.99), st.floats(1e-10, 1), st.floats(0, 0.5))
def test_follows_convnetjss_formula(lr, rho, eps, decay):
    rng = np.random.default_rng(0)
    p, window = rng.standard_normal(5), np.zeros(5)
    cell = nn.Parameter(p)
    optimizer = Windowgrad([cell], lr, rho, eps, decay)
    for g in rng.standard_normal((7, 5)):
        cell.grad = Tensor(g)
        optimizer.step()
        g = g + decay * p
        window = rho * window + (1 - rho) * g * g
        p = p - lr / np.sqrt(window + eps) * g
        assert np.abs(cell.numpy() - p).max() < 1e-11
