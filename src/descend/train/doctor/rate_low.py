"""A learning rate that is too low."""

from __future__ import annotations

import math

import numpy as np

from descend.train.doctor.case import Case
from descend.train.doctor.finding import Check, Finding

_MOVED = 3e-4  # |change of the weights| / |weights| in one step
_STEPS = 10


def find(case: Case) -> Finding | None:
    """Whether at the end the loss has hardly fallen while the weights hardly moved."""
    losses = case.losses
    if len(losses) < _STEPS or not math.isfinite(case.constant):
        return None
    quarter = max(len(losses) // 4, 1)
    early, late = float(np.mean(losses[:quarter])), float(np.mean(losses[-quarter:]))
    moved = case.typical_move()
    if not moved < _MOVED or late < 0.85 * early or late < 0.5 * case.constant:
        return None
    lr = case.steps[-1].lr
    return Finding(
        f"each step changes the weights by {100 * moved:.2g} % of their size, and the mean loss went from {early:.3g} "
        f"to {late:.3g} only", f"a learning rate of {10 * lr:.2g} or {100 * lr:.2g} instead of {lr:.2g}",
    )  # fmt: skip


CHECK = Check(
    "rate_low", "the learning rate is too low", ("end",), find,
    unless=("dead_relu", "symmetric_weights", "vanishing_gradients", "exploding_gradients", "rate_high"),
)  # fmt: skip
