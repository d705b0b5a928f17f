"""Gradients that grow from layer to layer on the way back, or from one step to another."""

from __future__ import annotations

from descend.train.doctor.case import Case, Look
from descend.train.doctor.finding import Check, Finding

_RATIO = 100.0  # the first layer's gradient over the last's
_SIZE = 10.0  # of a layer's gradient, over that of the largest weights: a last layer may begin with zeros


def find(case: Case) -> Finding | None:
    """Whether a layer's gradient is ten times as large as any layer's weights, or grows a hundredfold backwards."""
    looks = [look for look in case.looks if look.layers]
    if not looks:
        return None
    return _backwards(looks[-1]) or _large(looks[-1])


def _backwards(look: Look) -> Finding | None:
    first, last = look.layers[0], look.layers[-1]
    if len(look.layers) < 3 or not last.gradient or first.gradient <= _RATIO * last.gradient:
        return None
    return Finding(
        f"a gradient of {first.gradient:.2g} in {first.name}, of {last.gradient:.2g} in {last.name} (root mean square)",
        "smaller weights at the start (nn.init), normalisation, and optimizer.clip(norm=1.0)",
    )


def _large(look: Look) -> Finding | None:
    worst, weights = max(look.layers, key=lambda layer: layer.gradient), max(layer.weight for layer in look.layers)
    if len(look.layers) < 2 or worst.gradient <= _SIZE * weights:
        return None
    return Finding(
        f"the root mean square of {worst.name}'s gradient is {worst.gradient:.2g}, of no layer's weights more than "
        f"{weights:.2g}",
        "optimizer.clip(norm=1.0), smaller weights at the start (nn.init), normalisation",
    )


CHECK = Check(
    "exploding_gradients", "gradients explode", ("look", "lost"), find,
    unless=("unscaled_inputs", "symmetric_weights"),
)  # fmt: skip
