"""A loss at the beginning that is not what chance gives."""

from __future__ import annotations

import math

from descend.train.doctor.case import Case
from descend.train.doctor.finding import Check, Finding

_TIMES, _PLUS = 1.5, 0.5


def find(case: Case) -> Finding | None:
    """Whether the first batch's loss was far above log k: a network that knows nothing should not be sure of it."""
    if not case.steps or case.steps[0].step != 1 or not case.classes:
        return None
    if not math.isclose(case.chance, math.log(case.classes), rel_tol=0.01):
        return None  # no cross-entropy: what is usual is not known
    first = case.steps[0].loss
    if first <= _TIMES * case.chance + _PLUS:
        return None
    return Finding(
        f"the first loss is {first:.3g}, where equal scores for {case.classes} classes give {case.chance:.3g}",
        "begin with smaller weights, above all in the last layer: the usual initialisation divides by sqrt(inputs)",
    )


CHECK = Check(
    "first_loss", "the loss at the start is not what chance gives", ("look",), find, unless=("unscaled_inputs",)
)
