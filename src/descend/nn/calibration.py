"""Weights that begin as the data asks for: every layer's outputs with variance 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine import Generator, Tensor, UsageError, as_tensor
from descend.nn import checks, init
from descend.nn.inspection import undisturbed
from descend.nn.module import Module, Parameter, is_leaf


def calibrate(
    model: Module, x: Any, *, tolerance: float = 0.05, rounds: int = 10, orthogonal: bool = True,
    generator: Generator | None = None,
) -> dict[str, float]:  # fmt: skip
    """Scale the weights of a model, layer by layer, until each layer's outputs on the batch x have variance 1.

    Layers are those without parts whose `weight` has two axes or more, in the order in which they run. Each weight
    begins orthogonal (unless told otherwise) and is then divided by the standard deviation of what the layer gives
    out, again and again until that is within `tolerance` of 1. Biases stay.

    Returns: the standard deviation that each layer ends with.
    Raises: UsageError where a layer gives out nothing that varies.
    Source: Mishkin and Matas 2015, arXiv:1511.06422, Algorithm 1 (LSUV).
    """
    checks.counts("calibrate", rounds=rounds)
    found = {}
    for name, layer, weight in _layers(model, x):
        if orthogonal:
            weight.write(init.orthogonal(weight.shape, generator).to(weight.dtype))
        found[name] = _scaled(model, x, layer, weight, (tolerance, rounds))
    return found


def _layers(model: Module, x: Any) -> list[tuple[str, Module, Parameter]]:
    """The layers with a weight, in the order in which they run."""
    order: list[tuple[str, Module, Parameter]] = []
    removers = []
    for name, module in model.named_modules():
        weight = getattr(module, "weight", None)
        if is_leaf(module) and isinstance(weight, Parameter) and weight.ndim > 1:
            entry = (name, module, weight)
            removers.append(module.register_forward_hook(lambda *_, entry=entry: order.append(entry)))
    _run(model, x, removers)
    return list({id(entry[1]): entry for entry in order}.values())


def _run(model: Module, x: Any, removers: list[Any]) -> None:
    try:
        with undisturbed(model):
            model(as_tensor(x))
    finally:
        for remove in removers:
            remove()


def _scaled(model: Module, x: Any, layer: Module, weight: Parameter, limits: tuple[float, int]) -> float:
    deviation = _deviation(model, x, layer)
    for _ in range(limits[1]):
        if abs(deviation - 1) <= limits[0]:
            break
        weight.write(weight.read() * (1 / deviation))
        deviation = _deviation(model, x, layer)
    return deviation


def _deviation(model: Module, x: Any, layer: Module) -> float:
    """The standard deviation of what the layer gives out for the batch."""
    seen: list[float] = []

    def note(_: Module, __: tuple[Any, ...], y: Tensor) -> None:
        seen.append(float(np.std(y.numpy())))

    _run(model, x, [layer.register_forward_hook(note)])
    if not seen[0] > 0:
        raise UsageError(
            f"{layer!r} gives out the same number everywhere", given="standard deviation 0",
            needed="a batch that varies",
            fix="calibrate with real data, and look for dead layers before it",
        )  # fmt: skip
    return seen[0]
