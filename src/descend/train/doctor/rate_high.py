"""A learning rate that is too high."""

from __future__ import annotations

import math

import numpy as np

from descend.train.doctor.case import Array, Case
from descend.train.doctor.finding import Check, Finding

_CLIMBED = 1.5  # times the larger of the first loss and that of a constant answer
_MOVED = 0.1  # |change of the weights| / |weights| in one step
_WORSE = 1.1  # times the loss of the best constant answer
_STEPS = 10


def find(case: Case) -> Finding | None:
    """Whether the loss climbed above where it began, or stays worse than a guess while the weights make large jumps."""
    losses = case.losses
    if len(losses) < _STEPS and np.isfinite(losses).all():
        return None
    lr = case.steps[-1].lr if case.steps else math.nan
    remedy = f"a learning rate of {lr / 10:.2g} instead of {lr:.2g}, or a warm-up"
    return _climbed(case, losses, remedy) or _jumps(case, losses, remedy)


def _climbed(case: Case, losses: Array, remedy: str) -> Finding | None:
    start = max(losses[0], case.constant) if math.isfinite(case.constant) else losses[0]
    late = losses[len(losses) // 2 :]
    typical = float(np.median(late))
    if typical <= _CLIMBED * start:
        return None
    return Finding(f"the loss began at {losses[0]:.3g} and was {typical:.3g} in the second half of the steps", remedy)


def _jumps(case: Case, losses: Array, remedy: str) -> Finding | None:
    late, moved = float(np.mean(losses[-max(len(losses) // 4, 1) :])), case.typical_move()
    if not moved > _MOVED or not late > _WORSE * case.constant:
        return None
    return Finding(
        f"each step changes the weights by {100 * moved:.0f} % of their size, and the mean loss is {late:.3g}, where "
        f"an answer without looking has {case.constant:.3g}",
        remedy,
    )


CHECK = Check(
    "rate_high",
    "the learning rate is too high",
    ("epoch", "lost"),
    find,
    unless=("unscaled_inputs", "unscaled_targets", "symmetric_weights"),
)
