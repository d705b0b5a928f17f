"""A look inside a model on one batch, which changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, Tensor
from descend.engine.modes import recording
from descend.nn import Module, Parameter
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


@dataclass(frozen=True)
class Call:
    """One call of a layer: its path in the model, the layer, and what it gave out."""

    name: str
    module: Module
    y: Tensor


def probe(model: Module, x: NDArray[Any] | Tensor) -> list[Activation]:
    """Run a batch through the model in evaluation mode, and tell what each layer gives out.

    Layers are the modules without modules inside, and those with parameters of their own. Modes, buffers and random
    streams are as before. Call it between two steps, from the thread that trains.
    """
    calls, _ = outputs(model, Tensor(x))
    return [describe(call.name, type(call.module).__name__, call.y.numpy()) for call in calls]


def outputs(model: Module, *inputs: Any) -> tuple[list[Call], Any]:
    """Every call of a layer in the order in which they ended, and what the model gave out. Otherwise as `probe`."""
    calls: list[Call] = []
    with _kept(model), ExitStack() as hooks:
        for name, module in model.named_modules():
            if is_leaf(module) or own_parameters(module):
                hooks.callback(module.register_forward_hook(_noting(name or type(module).__name__, calls)))
        y = model(*inputs)
    return calls, y


def gradients(model: Module, loss: Callable[[], Tensor]) -> dict[str, NDArray[Any]]:
    """The slope of `loss()` along each parameter that it depends on, by path: dL/dw, in evaluation mode.

    What stands in `grad` stays there. Raises: GradientError where the loss depends on no parameter.
    """
    held = [(name, parameter.node) for name, parameter in model.named_parameters() if parameter.node is not None]
    before = [node.grad for _, node in held]
    with _kept(model), recording(True):
        try:
            for _, node in held:
                node.grad = None
            loss().backward()
            return {name: node.grad.numpy() for name, node in held if node.grad is not None}
        finally:
            for (_, node), grad in zip(held, before):
                node.grad = grad


def own_parameters(module: Module) -> dict[str, Parameter]:
    """The parameters that a module holds itself, not in a module inside it, by name."""
    inside = {id(cell) for part in module.modules() if part is not module for cell in part.parameters()}
    return {name: cell for name, cell in module.named_parameters() if id(cell) not in inside}


@contextmanager
def _kept(model: Module) -> Iterator[None]:
    """`undisturbed`, and a buffer that is written to all the same gets its value and its version back."""
    before: list[tuple[Cell, Any, int]] = [(cell, cell.value, cell.version) for _, cell in model.named_buffers()]
    try:
        with undisturbed(model):
            yield
    finally:
        for cell, value, version in before:
            cell.value, cell.version = value, version


def _noting(name: str, calls: list[Call]) -> Hook:
    def note(module: Module, _inputs: tuple[Any, ...], y: Any) -> None:
        if isinstance(y, Tensor):
            calls.append(Call(name, module, y))

    return note


def describe(name: str, layer: str, y: NDArray[Any]) -> Activation:
    """The numbers of an `Activation` from a layer's output."""
    finite = y if np.isfinite(y).all() else y[np.isfinite(y)]
    some = finite if finite.size else np.array([np.nan])
    zeros = float(np.mean(y == 0)) if y.size else 0.0
    mean, std = float(some.mean(dtype=np.float64)), float(some.std(dtype=np.float64))
    numbers = (mean, std, float(some.min()), float(some.max()))
    return Activation(name, layer, y.shape, *numbers, zeros=zeros, nonfinite=int(y.size - finite.size))
