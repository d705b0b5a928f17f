"""Layers in the wrong mode: BatchNorm or dropout that behave in training as in use, or in use as in training."""

from __future__ import annotations

import numpy as np

from descend.engine import Tensor
from descend.engine.errors import DescendError
from descend.nn.inspection import undisturbed
from descend.train.doctor.batchnorm import batchnorms, mismatch
from descend.train.doctor.case import Array, Case
from descend.train.doctor.finding import Check, Finding

_BATCH = 32
_SAME = 1e-3  # relative to the outputs' size
_ROUNDING = 1e-6  # relative: a few units in the last place of a float32


def find(case: Case) -> Finding | None:
    """Whether the output in use depends on the other examples or on chance, or BatchNorm rests in training."""
    return _in_use(case) or _in_training(case)


def _in_use(case: Case) -> Finding | None:
    x = case.x[:_BATCH]
    n = max(len(x) // 2, 1)
    whole = case.output(x)
    if not _close(*_twice(case, x)):
        return Finding(
            "in evaluation mode the same input gives different outputs",
            "let eval() reach every layer: keep layers in attributes, and call super().train(mode) if you override it",
        )
    try:
        alone = case.output(x[:n])
    except DescendError:
        alone = np.full_like(whole[:n], np.nan)
    if _close(whole[:n], alone) or not _close(whole, case.output(_nearly(x))):
        return None  # a network that makes large differences of rounding errors makes them of another batch, too
    return Finding(
        "in evaluation mode the output of an example depends on the others in its batch",
        "let eval() reach the BatchNorm layers: keep them in attributes, and call super().train(mode) if you override",
    )


def _nearly(x: Array) -> Array:
    """Inputs that differ by rounding; whole numbers as they are."""
    return x * x.dtype.type(1 + _ROUNDING) if x.dtype.kind == "f" else x


def _twice(case: Case, x: Array) -> tuple[Array, Array]:
    """The outputs of two passes one after the other, between which random streams go on."""
    with undisturbed(case.model):
        first, second = (case.model(Tensor(x)).numpy() for _ in range(2))
    return first, second


def _in_training(case: Case) -> Finding | None:
    resting = [name for name, layer in batchnorms(case.model) if not layer.training]
    if not resting:
        return None
    gap = mismatch(case)
    if gap is None:
        return None  # frozen on purpose: the running averages fit
    return Finding(
        f"{', '.join(resting)} normalise by running averages while training, and these do not fit: {gap}",
        "call model.train() before training, and let it reach every layer",
    )


def _close(a: Array, b: Array) -> bool:
    if not np.isfinite(a).all():
        return True  # another finding's matter
    return bool(np.abs(a - b).max(initial=0.0) <= _SAME * max(float(np.abs(a).max(initial=0.0)), 1e-6))


CHECK = Check("wrong_mode", "a layer is in the wrong mode", ("look",), find)
