"""A `descend.nn.Module` as a network that can be looked into."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from descend.engine import Tensor, as_tensor
from descend.nn import Module, Parameter, binary_cross_entropy_with_logits, cross_entropy, mse_loss
from descend.studio.shown import picture
from descend.studio.shown.look import Array, Called, Inputs, Look, Loss, Part, as_seen, layers
from descend.studio.shown.outputs import LAST_STEP, MOST_VALUES, PART, first, folded, in_words
from descend.studio.shown.streams import streams_kept
from descend.train.probe import gradients, outputs, own_parameters

_LOSSES: dict[str, Callable[[Tensor, Any], Tensor]] = {
    "cross-entropy": cross_entropy,
    "binary cross-entropy": binary_cross_entropy_with_logits,
    "squared error": mse_loss,
}
Slopes = dict[int, Array]


class DescendNetwork:
    """See `network.Network`."""

    framework = "descend"

    def __init__(self, model: Module) -> None:
        self.model = model
        self.sight: tuple[int, ...] = ()
        self.title = type(model).__name__
        self.parameters = sum(cell.size for cell in model.parameters())
        self._marked: dict[int, Array] = {}

    def look(self, x: Inputs, y: Array | None, loss: Loss | str | None) -> Look:
        """One pass; another one for gradients where the last step left none."""
        with streams_kept():
            inputs = self._tensors(x)
            calls, given = outputs(self.model, *inputs)
            output = first(given, Tensor).numpy()
            slopes, source, trouble = self._slopes(inputs, y, loss)
        called = [Called(c.name, c.module, _kind(c.module), c.y.shape, _few(c.y.numpy())) for c in calls]
        told = {id(call.module) for call in called}
        rest = [
            Called(name or self.title, m, _kind(m), (), None)
            for name, m in self.model.named_modules()
            if id(m) not in told
        ]
        found = layers([*called, *rest], _own, lambda key, cell: self._part(key, cell, slopes.get(id(cell))))
        self._marked = {}
        return Look(found, output, source, trouble)

    def answer(self, x: Inputs) -> Array:
        """What the model gives out."""
        with streams_kept():
            return np.asarray(first(outputs(self.model, *self._tensors(x))[1], Tensor).numpy())

    def mark(self) -> None:
        """A cell's value is never written to: to refer to it is to keep it."""
        self._marked = {id(cell): cell.value for cell in self.model.parameters()}

    def _tensors(self, x: Inputs) -> tuple[Tensor, ...]:
        """The inputs as tensors; arrays of measured numbers in the type of the weights."""
        held = (cell.dtype for cell in self.model.parameters() if cell.dtype.kind == "f")
        dtype = next(held, None)
        tensors = [(part, Tensor(part)) for part in x]
        wanted = [(t, dtype if t.dtype.kind == "f" and not isinstance(part, Tensor) else None) for part, t in tensors]
        return tuple(t if kind is None else t.to(kind) for t, kind in wanted)

    def _part(self, name: str, cell: Parameter, slope: Array | None) -> Part:
        value, before = cell.value, self._marked.get(id(cell))
        seen = as_seen(value, self.sight)
        cuts = picture.thinned(seen.shape, PART)
        thin = None if slope is None else np.array(as_seen(slope, self.sight)[cuts])
        step = math.nan if before is None else _norm(value - before)
        slope_norm = math.nan if slope is None else _norm(slope)
        note = picture.note(seen.shape, cuts)
        return Part(name, value.shape, np.array(seen[cuts]), thin, note, _norm(value), slope_norm, step)

    def _slopes(self, x: Inputs, y: Array | None, loss: Loss | str | None) -> tuple[Slopes, str, str]:
        """A gradient for parameters by their id, what it is the gradient of, and why there is none."""
        left = {id(cell): cell.grad.numpy() for cell in self.model.parameters() if cell.grad is not None}
        if any(g.any() for g in left.values()):
            return left, LAST_STEP, ""
        if y is None or loss is None or not self.parameters:
            return {}, "", ""
        try:
            by_name = gradients(self.model, lambda: self._loss(x, y, loss))
        except Exception as error:  # noqa: BLE001 - a loss of the user's; the page says what went wrong
            return {}, "", in_words(error)
        ids = {name: id(cell) for name, cell in self.model.named_parameters()}
        return {ids[name]: g for name, g in by_name.items()}, loss if isinstance(loss, str) else "your loss", ""

    def _loss(self, x: Inputs, y: Array, loss: Loss | str) -> Tensor:
        given = self.model(*x)
        if isinstance(loss, str):
            return _LOSSES[loss](*folded(first(given, Tensor), y))
        return as_tensor(loss(given, Tensor(y)))


def _own(module: Module) -> Iterator[tuple[str, Parameter]]:
    yield from own_parameters(module).items()


def _kind(module: Module) -> str:
    text = repr(module)
    return text if "\n" not in text else f"{type(module).__name__}({module.described()})"


def _few(y: Array) -> Array:
    """The first examples of an output, as many as go into statistics."""
    return y[: max(1, MOST_VALUES // max(1, math.prod(y.shape[1:])))] if y.ndim else y


def _norm(array: Array) -> float:
    return float(np.linalg.norm(array.ravel()))
