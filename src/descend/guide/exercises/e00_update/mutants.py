# ruff: noqa: D103, F811, F821, B018, PLW0602, PLW0603, NPY002, ARG001, RUF100
# mypy: ignore-errors
"""Wrong updates, each headed by the diagnosis that it must get."""

import numpy as np


# %% uphill: adds the step
def update(p, g, lr):
    return p + lr * g


# %% uphill: brackets that turn the sign round
def update(p, g, lr):
    return p - (-lr * g)


# %% rate_forgotten: the whole slope as a step
def update(p, g, lr):
    return p - g


# %% rate_divides: divides by lr
def update(p, g, lr):
    return p - g / lr


# %% step_only: returns the step, not where it ends
def update(p, g, lr):
    return lr * g


# %% step_only: returns the step with its sign
def update(p, g, lr):
    return -lr * g


# %% no_return: forgets to return
def update(p, g, lr):
    p - lr * g


# %% no_return: changes p and returns nothing
def update(p, g, lr):
    p -= lr * g


# %% p_changed: writes the new value into p
def update(p, g, lr):
    p -= lr * g
    return p


# %% p_changed: writes into p by its slice
def update(p, g, lr):
    p[...] = p - lr * g
    return p.copy()


# %% g_changed: scales the gradient in place
def update(p, g, lr):
    g *= lr
    return p - g


# %% sign_only: every step equally long
def update(p, g, lr):
    return p - lr * np.sign(g)


# %% length_lost: divides the gradient by its length
def update(p, g, lr):
    return p - lr * g / np.linalg.norm(g)


# %% same_step_for_all: the mean of the gradient
def update(p, g, lr):
    return p - lr * np.mean(g)


# %% shape: the mean of the answer
def update(p, g, lr):
    return np.mean(p - lr * g)


# %% shape: flattens
def update(p, g, lr):
    return (p - lr * g).ravel()


# %% precision: always float64
def update(p, g, lr):
    return np.asarray(p, dtype=np.float64) - lr * g


# %% precision: the learning rate as a float64 array
def update(p, g, lr):
    return p - np.full(p.shape, lr) * g


# %% whole_numbers: rounds to integers
def update(p, g, lr):
    return (p - lr * g).astype(int)


# %% swapped: p and g in each other's place
def update(p, g, lr):
    return g - lr * p


# %% slope_unused: shrinks p whatever the slope
def update(p, g, lr):
    return p - lr * p


# %% bracket: lr scales p as well
def update(p, g, lr):
    return (p - g) * lr


# %% unmoved: returns p
def update(p, g, lr):
    return p


# %% other_mixture: a learning rate of its own
def update(p, g, lr):
    return p - 0.01 * g


# %% other_mixture: an average of p and the step
def update(p, g, lr):
    return (1 - lr) * p - lr * g


# %% steep_slopes: gradients cut at 1
def update(p, g, lr):
    return p - lr * np.clip(g, -1, 1)


# %% off: leaves out the last parameter
def update(p, g, lr):
    new = p.copy()
    new[:-1] -= lr * g[:-1]
    return new


# %% off: rounds to six decimals
def update(p, g, lr):
    return np.round(p - lr * g, 6)


# %% off: reads the gradient in the order of memory
def update(p, g, lr):
    return p - lr * np.ravel(g, order="K").reshape(g.shape)


# %% remembers: momentum, which is another exercise
velocity = 0.0


def update(p, g, lr):
    global velocity
    velocity = 0.9 * velocity + g
    return p - lr * velocity


# %% remembers: adds noise
def update(p, g, lr):
    return p - lr * g + 1e-3 * np.random.standard_normal(p.shape)


# %% answer_reused: one array for all answers
kept = {}


def update(p, g, lr):
    out = kept.setdefault((p.shape, p.dtype), np.empty_like(p))
    return np.subtract(p, lr * g, out=out)


# %% no_array: a list of numbers
def update(p, g, lr):
    return [a - lr * b for a, b in zip(p, g)]


# %% no_array: the new p and the step
def update(p, g, lr):
    return p - lr * g, lr * g


# %% raised: a loop that needs one axis
def update(p, g, lr):
    return np.array([a - lr * b for a, b in zip(p, g)], dtype=p.dtype)


# %% raised: a name that does not exist
def update(p, g, lr):
    return p - learning_rate * g


# %% zero_rate: a default for a rate of zero
def update(p, g, lr):
    return p - (lr or 0.01) * g


# %% steep_slopes: gradients cut at 100
def update(p, g, lr):
    return p - lr * np.clip(g, -100, 100)


# %% stalls: leaves out small slopes
def update(p, g, lr):
    return np.where(np.abs(g) < 1e-8, p, p - lr * g)


# %% off: a stored answer
def update(p, g, lr):
    return np.full(p.shape, 2.8)
