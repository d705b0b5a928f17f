"""Units of a layer that all began alike, and so stay alike."""

from __future__ import annotations

from descend.train.doctor.case import Case
from descend.train.doctor.finding import Check, Finding


def find(case: Case) -> Finding | None:
    """Whether after two steps all units of a hidden layer still have the same weights.

    The last layer may begin with zeros: its units get different gradients at once.
    """
    if not case.looks or len(case.looks[-1].layers) < 2:
        return None
    alike = [layer.name for layer in case.looks[-1].layers[:-1] if layer.equal]
    if not alike:
        return None
    return Finding(
        f"after {case.looks[-1].step} steps all units of {', '.join(alike)} still have the same weights",
        "begin with random weights (nn.init): units that are alike get the same gradient and learn the same",
    )


CHECK = Check("symmetric_weights", "the units of a layer are all alike", ("look",), find)
