# ruff: noqa: D103, F811, E731, RUF100
# mypy: ignore-errors
"""Right updates, in different forms."""

import numpy as np


# %% plain: the formula as it stands
def update(p, g, lr):
    return p - lr * g


# %% functions: NumPy's functions by name
def update(p, g, lr):
    return np.subtract(p, np.multiply(lr, g))


# %% minus_rate: a step with the rate turned round
def update(p, g, lr):
    return p + (-lr) * g


# %% copy_first: changes a copy in place
def update(p, g, lr):
    new = p.copy()
    new -= lr * g
    return new


# %% one_by_one: a loop over the numbers
def update(p, g, lr):
    new = np.empty_like(p)
    for place in np.ndindex(p.shape):
        new[place] = p[place] - lr * g[place]
    return new


# %% as_a_lambda: no def at all
update = lambda p, g, lr: -(lr * g - p)


# %% matrix: one row of coefficients times the two arrays
def update(p, g, lr):
    return np.einsum("i,i...->...", np.array([1, -lr], p.dtype), np.stack([p, g]))
