"""Inputs that are not scaled to about -1 to 1."""

from __future__ import annotations

import numpy as np

from descend.nn import Module
from descend.nn.module import is_leaf
from descend.train.doctor.case import Array, Case, is_table
from descend.train.doctor.finding import Check, Finding

_LARGE, _SMALL = 10.0, 0.01  # root mean square of all inputs
_APART = 100.0  # size of the largest feature over that of the median one
_OFFSET = 10.0  # mean over standard deviation


def find(case: Case) -> Finding | None:
    """Whether the inputs are huge, tiny, far from 0, or of sizes that are worlds apart.

    What counts is what the first layer with parameters is given: a network may scale its inputs itself.
    """
    if not np.isfinite(case.x).all() or _looked_up(case):
        return None
    first = _first(case)
    if first is not None and "Norm" in type(first).__name__:
        return None
    x = case.x if first is None else _given(case, first)
    if x.dtype.kind not in "fiu" or not x.size or not np.isfinite(x).all():
        return None
    size = float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))
    mean, std = float(x.mean(dtype=np.float64)), float(x.std(dtype=np.float64))
    remedy = "subtract the mean of the training data and divide by their standard deviation, feature by feature"
    if size > _LARGE or 0 < size < _SMALL:
        return Finding(f"values from {x.min():.3g} to {x.max():.3g}, root mean square {size:.3g}", remedy)
    if abs(mean) > _OFFSET * std > 0:
        return Finding(f"their mean is {mean:.3g}, their standard deviation only {std:.3g}", remedy)
    return _worlds_apart(x, remedy) if x.ndim == 2 == case.x.ndim else None


def _worlds_apart(x: Array, remedy: str) -> Finding | None:
    spreads = x.std(0, dtype=np.float64)
    varying = np.array([len(np.unique(column)) > 2 for column in x.T])  # a rare 0 or 1 is small without being wrong
    if varying.sum() < 2:
        return None
    largest, median = float(spreads[varying].max()), float(np.median(spreads[varying]))
    lowest = float(spreads[varying].min())
    apart = largest / median if varying.sum() > 2 else largest / lowest
    if apart <= _APART:
        return None
    words = f"the standard deviations of the features go from {lowest:.3g} to {largest:.3g}"
    return Finding(words, remedy)


def _first(case: Case) -> Module | None:
    """The first layer with parameters."""
    layers = (module for module in case.model.modules() if is_leaf(module) and any(True for _ in module.parameters()))
    return next(layers, None)


def _given(case: Case, layer: Module) -> Array:
    """What a layer is given for the examples; the examples themselves where it is not called."""
    seen: list[Array] = []
    remove = layer.register_forward_hook(lambda _, given, __: seen.append(given[0].numpy()))
    try:
        case.output(case.few)
    finally:
        remove()
    return seen[0] if seen else case.x


def _looked_up(case: Case) -> bool:
    """Whether the inputs are whole numbers for a table, the numbers of words say: these have no size."""
    return case.x.dtype.kind in "iu" and any(is_table(part) for part in case.model.modules())


CHECK = Check("unscaled_inputs", "inputs are not scaled", ("start",), find)
