"""A network that does not even fit its training examples, although they can be told apart."""

from __future__ import annotations

import numpy as np

from descend.train.doctor.case import Array, Case
from descend.train.doctor.finding import Check, Finding

_BEHIND = 0.12  # accuracy less than that of the nearest neighbours
_NEIGHBOURS = 5
_EXAMPLES = 100
_FALLING = 0.93  # times the training loss of the epoch before


def find(case: Case) -> Finding | None:
    """Whether the nearest neighbours tell an example's class far better than the network, which learns no more."""
    if not case.classes or len(case.y) < _EXAMPLES:
        return None
    first, last = case.epochs[0].metrics["train_loss"], case.epochs[-1].metrics["train_loss"]
    if len(case.epochs) < 2 or last < _FALLING * case.epochs[-2].metrics["train_loss"]:
        return None  # it is still learning
    ours, theirs = case.accuracy(), by_neighbours(case.x, case.y)
    if theirs - ours <= _BEHIND:
        return None
    return Finding(
        f"the network is right about {100 * ours:.0f} % of its training examples, their {_NEIGHBOURS} nearest "
        f"neighbours about {100 * theirs:.0f} %; the training loss went from {first:.3g} to {last:.3g}",
        "a larger network, features that say more, or less weight decay and dropout",
    )


def by_neighbours(x: Array, y: Array) -> float:
    """The share of examples whose class is the commonest among the five nearest others. Shapes: (n, ...), (n,)."""
    flat = x.reshape(len(x), -1).astype(np.float64)
    flat = (flat - flat.mean(0)) / np.where(flat.std(0) > 0, flat.std(0), 1) if flat.shape[1] < 50 else flat
    squares = (flat * flat).sum(1)
    distance = squares[:, None] + squares[None] - 2 * flat @ flat.T
    np.fill_diagonal(distance, np.inf)
    nearest = y[np.argsort(distance, 1, kind="stable")[:, :_NEIGHBOURS]]
    votes = np.array([np.bincount(row, minlength=int(y.max()) + 1).argmax() for row in nearest])
    return float(np.mean(votes == y))


CHECK = Check(
    "underfitting", "underfitting", ("end",), find,
    unless=(
        "unscaled_inputs", "symmetric_weights", "wrong_mode", "batchnorm", "dead_relu", "vanishing_gradients",
        "exploding_gradients", "rate_high", "rate_low", "first_loss",
    ),
)  # fmt: skip
