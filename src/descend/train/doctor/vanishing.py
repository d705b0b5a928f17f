"""Gradients that are lost on the way to the first layer."""

from __future__ import annotations

import numpy as np

from descend.train.doctor.case import Case
from descend.train.doctor.finding import Check, Finding

_RATIO = 2e-3
_LOOKS = 3
_DEPTH = 3  # layers; with fewer there is no way to be lost on


def find(case: Case) -> Finding | None:
    """Whether the gradients of the first layer are, look after look, a five-hundredth of those of the last."""
    looks = [look for look in case.looks if len(look.layers) >= _DEPTH and look.layers[-1].gradient > 0]
    if len(looks) < _LOOKS:
        return None
    ratio = float(np.median([look.layers[0].gradient / look.layers[-1].gradient for look in looks]))
    if ratio >= _RATIO:
        return None
    first, last = looks[-1].layers[0], looks[-1].layers[-1]
    return Finding(
        f"a gradient of {first.gradient:.2g} in {first.name}, of {last.gradient:.2g} in {last.name} (root mean square)",
        "ReLU in place of sigmoid or tanh, weights scaled by fan-in (nn.init), normalisation, or residual connections",
    )


CHECK = Check(
    "vanishing_gradients", "gradients vanish on the way to the first layer", ("look",), find,
    unless=("symmetric_weights", "dead_relu"),
)  # fmt: skip
