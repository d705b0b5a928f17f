"""A look inside a model on one batch, which changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Generator, Tensor, default_generator
from descend.nn import Module
from descend.train.evaluate import evaluating
from descend.train.position import generators


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
    streams = [default_generator(), *(generator for _, generator in generators(model))]
    with ExitStack() as stack:
        for context in (evaluating(model), *map(_unmoved, streams)):
            stack.enter_context(context)
        for name, module in model.named_modules():
            if len(list(module.modules())) == 1:
                stack.enter_context(_watched(module, name or type(module).__name__, seen.append))
        model(Tensor(x))
    return seen


@contextmanager
def _unmoved(generator: Generator) -> Iterator[None]:
    before = generator.state_dict()
    try:
        yield
    finally:
        if any(before[name] != now for name, now in generator.state_dict().items()):
            generator.load_state_dict(before)


@contextmanager
def _watched(module: Module, name: str, tell: Callable[[Activation], None]) -> Iterator[None]:
    forward = module.forward

    def watched(*inputs: Any) -> Any:
        y = forward(*inputs)
        if isinstance(y, Tensor):
            tell(_describe(name, type(module).__name__, y.numpy()))
        return y

    # An attribute of this one object hides the method; taking it away shows the method again.
    vars(module)["forward"] = watched
    try:
        yield
    finally:
        del vars(module)["forward"]


def _describe(name: str, layer: str, y: NDArray[Any]) -> Activation:
    finite = y[np.isfinite(y)].astype(np.float64)
    some = finite if finite.size else np.array([np.nan])
    zeros = float(np.mean(y == 0)) if y.size else 0.0
    numbers = (float(some.mean()), float(some.std()), float(some.min()), float(some.max()))
    return Activation(name, layer, y.shape, *numbers, zeros=zeros, nonfinite=int(y.size - finite.size))
