"""Gradients that grow from layer to layer on the way back, or from one step to another."""

from __future__ import annotations

import numpy as np

from descend.train.doctor.case import Case, Look
from descend.train.doctor.finding import Check, Finding

_RATIO = 100.0  # the first layer's gradient over the last's, as they are and as shares of the weights
_TIMES = 2  # looks
_SIZE = 10.0  # of a layer's gradient, over that of the largest weights (a last layer may begin with zeros) and errors


def find(case: Case) -> Finding | None:
    """Whether a layer's gradient is ten times as large as any layer's weights, or grows a hundredfold backwards.

    Twice, or the only time that the doctor has looked: one large step among many is none.
    """
    looks = [look for look in case.looks if look.layers]
    found = [finding for look in looks if (finding := _backwards(look) or _large(look, _error(case)))]
    return found[-1] if found and len(found) >= min(_TIMES, len(looks)) else None


def _error(case: Case) -> float:
    """The size of the errors that gradients are made of: about 1 in classes, that of the targets in amounts."""
    return max(1.0, float(np.sqrt(np.mean(np.square(case.y, dtype=np.float64))))) if case.y.dtype.kind == "f" else 1.0


def _backwards(look: Look) -> Finding | None:
    first, last = look.layers[0], look.layers[-1]
    if len(look.layers) < 3 or not last.gradient or first.gradient <= _RATIO * last.gradient:
        return None
    # A kernel's gradient is summed over all places: next to it that of a wide layer, whose weights are small, is small.
    if first.gradient * last.weight <= _RATIO * last.gradient * first.weight:
        return None
    return Finding(
        f"a gradient of {first.gradient:.2g} in {first.name}, of {last.gradient:.2g} in {last.name} (root mean square)",
        "smaller weights at the start (nn.init), normalisation, and optimizer.clip(norm=1.0)",
    )


def _large(look: Look, error: float) -> Finding | None:
    worst, weights = max(look.layers, key=lambda layer: layer.gradient), max(layer.weight for layer in look.layers)
    if len(look.layers) < 2 or worst.gradient <= _SIZE * weights * error:
        return None
    return Finding(
        f"the root mean square of {worst.name}'s gradient is {worst.gradient:.2g}, of no layer's weights more than "
        f"{weights:.2g}",
        "optimizer.clip(norm=1.0), smaller weights at the start (nn.init), normalisation",
    )


CHECK = Check(
    "exploding_gradients", "gradients explode", ("look", "lost"), find,
    unless=("unscaled_inputs", "unscaled_targets", "symmetric_weights"),
)  # fmt: skip
