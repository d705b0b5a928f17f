"""A look inside a model on one batch, which changes nothing."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Tensor
from descend.nn import Module
from descend.nn.inspection import undisturbed
from descend.nn.module import Hook, is_leaf


@dataclass(frozen=True)
class Activation:
    """What one layer gave out.

    Attributes:
        name: its path in the model. layer: its type. shape: of the output, batch axis included.
        mean, std, low, high: over all finite elements; NaN where there is none.
        zeros: the share that is exactly 0, which after a ReLU is the share that passes no gradient.
        nonfinite: how many elements are NaN or infinite.
    """

    name: str
    layer: str
    shape: tuple[int, ...]
    mean: float
    std: float
    low: float
    high: float
    zeros: float
    nonfinite: int


def probe(model: Module, x: NDArray[Any] | Tensor) -> list[Activation]:
    """Run a batch through the model in evaluation mode, and tell what each innermost layer gives out.

    Modes, buffers and random streams are as before. Call it between two steps, from the thread that trains.
    """
    seen: list[Activation] = []
    with undisturbed(model), ExitStack() as hooks:
        for name, module in model.named_modules():
            if is_leaf(module):
                hooks.callback(module.register_forward_hook(_noting(name or type(module).__name__, seen)))
        model(Tensor(x))
    return seen


def _noting(name: str, seen: list[Activation]) -> Hook:
    def note(module: Module, _inputs: tuple[Any, ...], y: Any) -> None:
        if isinstance(y, Tensor):
            seen.append(_describe(name, type(module).__name__, y.numpy()))

    return note


def _describe(name: str, layer: str, y: NDArray[Any]) -> Activation:
    finite = y[np.isfinite(y)].astype(np.float64)
    some = finite if finite.size else np.array([np.nan])
    zeros = float(np.mean(y == 0)) if y.size else 0.0
    numbers = (float(some.mean()), float(some.std()), float(some.min()), float(some.max()))
    return Activation(name, layer, y.shape, *numbers, zeros=zeros, nonfinite=int(y.size - finite.size))
