"""When the doctor looks at the network during a training, and what it measures then."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Tensor
from descend.nn import Parameter
from descend.train.doctor.case import FEW, Case, Layer, Look
from descend.train.probe import gradients

_FIRST, _GROWTH = 2, 1.6


def due(step: int) -> bool:
    """Whether to look after this step: 2, 3, 5, 7, 11, ... so that long trainings are not held up."""
    at = _FIRST
    while at < step:
        at = max(at + 1, round(at * _GROWTH))
    return at == step


class Looking:
    """Keeps the weights from before a step that will be looked at, and measures after it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.before: list[NDArray[Any]] = []

    def after(self, step: int) -> bool:
        """Called after every step. Returns whether it looked."""
        look = due(step)
        weights = self.case.weights()
        if look:
            slopes = _gradients(self.case)
            layers = [_layer(name, p.numpy(), slopes[name]) for name, p in weights if name in slopes]
            self.case.looks.append(Look(step, layers, self._moved([p for _, p in weights])))
        self.before = [p.numpy() for _, p in weights] if due(step + 1) else []
        return look

    def _moved(self, weights: list[Parameter]) -> float:
        if len(self.before) != len(weights):
            return math.nan  # a training that was resumed right before
        size = math.sqrt(sum(float(np.sum(old.astype(float) ** 2)) for old in self.before))
        changes = (p.numpy().astype(float) - old for p, old in zip(weights, self.before, strict=True))
        change = math.sqrt(sum(float(np.sum(d * d)) for d in changes))
        return change / size if size else math.inf


def _gradients(case: Case) -> dict[str, NDArray[Any]]:
    """The gradients that the step has left; a compiled one leaves none, so they are computed on the examples."""
    left = {name: p.grad.numpy() for name, p in case.weights() if p.grad is not None}
    return left or gradients(case.model, lambda: case.trainer.loss(case.model(Tensor(case.few)), Tensor(case.y[:FEW])))


def _layer(name: str, w: NDArray[Any], g: NDArray[Any]) -> Layer:
    rows = w.reshape(len(w), -1)
    spread = float(np.abs(rows - rows[:1]).max(initial=0.0))
    return Layer(name, _size(w), _size(g), len(w) > 1 and spread <= 1e-6 * float(np.abs(rows).max(initial=0.0)))


def _size(x: NDArray[Any]) -> float:
    """The root mean square."""
    return math.sqrt(float(np.mean(x.astype(float) ** 2))) if x.size else 0.0
