"""Amounts to predict that are worlds apart from what a network gives out."""

from __future__ import annotations

import numpy as np

from descend.train.doctor.case import Array, Case
from descend.train.doctor.finding import Check, Finding

_LARGE = 10.0  # root mean square of the targets
_APART = 10.0  # and over that of the outputs before training


def find(case: Case) -> Finding | None:
    """Whether the targets are large, and ten times as large as what the network gives out before it is trained."""
    if case.y.dtype.kind != "f" or not np.isfinite(case.y).all() or not np.isfinite(case.x).all():
        return None
    size, ours = _size(case.y), _size(case.output(case.few))
    if not (size > _LARGE and size > _APART * ours):
        return None
    return Finding(
        f"targets from {case.y.min():.3g} to {case.y.max():.3g}, root mean square {size:.3g}, where the network's "
        f"outputs begin with {ours:.2g}",
        "subtract the targets' mean and divide by their standard deviation; undo it in what is predicted",
    )


def _size(y: Array) -> float:
    return float(np.sqrt(np.mean(np.square(y, dtype=np.float64))))


CHECK = Check("unscaled_targets", "targets are not scaled", ("start",), find, unless=("unscaled_inputs",))
