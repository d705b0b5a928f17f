"""An input that holds the label."""

from __future__ import annotations

import numpy as np

from descend.train.doctor.case import Array, Case
from descend.train.doctor.finding import Check, Finding

_DETERMINED = 0.999  # share of a feature's variance that the label explains
_LEAST = 5  # examples of a class, and examples in which a feature is not at its usual value
_MOST = 20_000  # features that are looked at


def find(case: Case) -> Finding | None:
    """Whether some feature is, up to a thousandth of its variance, a function of the class alone.

    Sequences are left out: there the answer may well stand in the input, and remembering it is the task.
    """
    if case.x.ndim == 3 or case.x.dtype.kind != "f":
        return None
    x, y = case.x.reshape(len(case.x), -1)[:, :_MOST].astype(np.float64), case.y
    classes, counts = np.unique(y, return_counts=True) if case.classes else (np.empty(0), np.empty(0))
    if len(classes) < 2 or counts.min() < _LEAST:
        return None
    explained = explained_by_class(x, y)
    leaking = np.flatnonzero(explained >= _DETERMINED)
    if not len(leaking):
        return None
    worst = int(explained.argmax())
    number = f"feature {worst}" + (f" and {len(leaking) - 1} more" if len(leaking) > 1 else "")
    return Finding(
        f"the class alone explains {100 * explained[worst]:.2f} % of the variance of {number} of {x.shape[1]}",
        "take that feature out of the inputs, and look for how the label got into it",
    )


def explained_by_class(x: Array, y: Array) -> Array:
    """The share of each feature's variance that lies between the classes (the correlation ratio), 0 for a constant.

    Shapes: (n, d), (n,) to (d,).
    """
    total = x.var(0)
    within = sum((y == k).mean() * x[y == k].var(0) for k in np.unique(y))
    usual = np.median(x, 0)
    varies = ((x != usual).sum(0) >= _LEAST) & (total > 0)
    share: Array = np.where(varies, 1 - within / np.where(varies, total, 1), 0.0)
    return share


CHECK = Check("label_leak", "the inputs hold the label", ("start",), find)
