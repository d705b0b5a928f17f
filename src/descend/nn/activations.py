"""Activations, the reshaping between convolutions and linear layers, and modules in sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from descend.engine import Tensor, ops
from descend.nn.module import Module


class _Elementwise(Module):
    """A function of each element, without parameters."""

    function: Callable[[Any], Tensor]

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        return type(self).function(x)


class ReLU(_Elementwise):
    """max(x, 0)."""

    function = staticmethod(ops.relu)


class Tanh(_Elementwise):
    """tanh(x)."""

    function = staticmethod(ops.tanh)


class Sigmoid(_Elementwise):
    """1 / (1 + exp(-x))."""

    function = staticmethod(ops.sigmoid)


class Softmax(Module):
    """exp(x) / sum(exp(x)) along an axis."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """Probabilities along the axis."""
        return ops.softmax(x, self.axis)


class Flatten(Module):
    """(n, ...) to (n, d): all axes but the first merged."""

    def forward(self, x: Tensor) -> Tensor:
        """One row an example."""
        return x.flatten(1)


class Sequential(Module):
    """Modules one after the other: each one's output is the next one's input."""

    def __init__(self, *layers: Module) -> None:
        for number, layer in enumerate(layers):
            setattr(self, str(number), layer)

    def forward(self, x: Any) -> Any:
        """Through all layers in order."""
        for layer in self:
            x = layer(x)
        return x

    def __iter__(self) -> Iterator[Module]:
        return (part for name, part in vars(self).items() if name.isdigit())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, number: int) -> Module:
        return list(self)[number]
