"""BatchNorm whose running averages are not those of the data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from descend.nn import Module
from descend.train.doctor.case import Array, Case
from descend.train.doctor.finding import Check, Finding

_SHIFT = 0.5  # of the means, in standard deviations
_FACTOR = 3.0  # of the variances
_STEPS = 20  # before that running averages cannot be expected to fit


def find(case: Case) -> Finding | None:
    """Whether the running averages of some BatchNorm are far from the statistics of the training examples."""
    if len(case.steps) < _STEPS:
        return None
    gap = mismatch(case)
    if gap is None:
        return None
    return Finding(
        f"after {len(case.steps)} steps {gap}",
        "a momentum of about 0.1, and batches of 16 examples or more; or layer normalisation",
    )


def mismatch(case: Case) -> str | None:
    """The first BatchNorm whose averages do not fit, in words."""
    for name, mean, variance, layer in _seen(case):
        held: Any = layer
        average, running = held.running_mean.numpy(), held.running_var.numpy()
        shift = float(np.median(np.abs(mean - average) / np.sqrt(variance + 1e-5)))
        factor = math.exp(float(np.median(np.abs(np.log((variance + 1e-5) / (running + 1e-5))))))
        if not (shift <= _SHIFT and factor <= _FACTOR):
            return f"{name} has running averages {shift:.2g} standard deviations off, variances off by {factor:.2g}"
    return None


def batchnorms(model: Module) -> Iterator[tuple[str, Module]]:
    """The layers that keep running averages, with their paths."""
    return ((name or "model", module) for name, module in model.named_modules() if hasattr(module, "running_mean"))


def _seen(case: Case) -> list[tuple[str, Array, Array, Module]]:
    """For each BatchNorm its path, mean and variance of what it is given in use, and itself."""
    found: list[tuple[str, Array, Array, Module]] = []

    def hook(name: str) -> Any:
        def note(module: Module, given: tuple[Any, ...], _: Any) -> None:
            x = given[0].numpy().astype(np.float64)
            axes = (0, *range(2, x.ndim))
            found.append((name, x.mean(axes), x.var(axes), module))

        return note

    removers = [module.register_forward_hook(hook(name)) for name, module in batchnorms(case.model)]
    try:
        if removers:
            case.output(case.few)
    finally:
        for remove in removers:
            remove()
    return found


CHECK = Check(
    "batchnorm", "BatchNorm's running averages do not fit the data", ("epoch",), find,
    unless=("wrong_mode", "rate_high"),
)  # fmt: skip
