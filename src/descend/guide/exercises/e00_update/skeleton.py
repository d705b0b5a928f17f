# ruff: noqa: D103, F401, ARG001, RUF100
# mypy: ignore-errors
"""Exercise 0: the line that trains every network.

In the terminal:

    descend check update    is it right?
    descend hint update     a hint, one step at a time
"""

import numpy as np


def update(p, g, lr):
    """One step of gradient descent.

    p    the parameters: an array of any shape
    g    the gradient of the loss at p: an array of the same shape and type
    lr   the learning rate: a number, the η of the statement

    Returns the new parameters as a new array, of the shape and type of p. p and g stay as they are.
    """
    return ...
