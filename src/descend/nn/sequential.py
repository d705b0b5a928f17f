"""Modules one after the other."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Self

from descend.engine import UsageError
from descend.nn.module import Module


class Numbered(Module):
    """Modules under the names "0", "1", ...: a list that is a module.

    Raises: UsageError for a part that is not a module.
    """

    def __init__(self, *layers: Module) -> None:
        self.extend(layers)

    def append(self, layer: Module) -> Self:
        """Put a module at the end. Returns itself."""
        number = len(self)
        setattr(self, str(number), _checked(type(self).__name__, layer, number))
        return self

    def extend(self, layers: Any) -> Self:
        """Put modules at the end. Returns itself."""
        for layer in layers:
            self.append(layer)
        return self

    def insert(self, number: int, layer: Module) -> Self:
        """Put a module before the one numbered `number`; those behind it move on. Returns itself."""
        layers = list(self)
        layers.insert(number, _checked(type(self).__name__, layer, number))
        return self._renumbered(layers)

    def _renumbered(self, layers: list[Module]) -> Self:
        for name in [name for name in vars(self) if name.isdigit()]:
            delattr(self, name)
        for number, layer in enumerate(layers):
            setattr(self, str(number), layer)
        return self

    def __iter__(self) -> Iterator[Module]:
        return (part for name, part in vars(self).items() if name.isdigit())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, number: int | slice) -> Any:
        """One module, or a list of the same kind made of some of them."""
        layers = list(self)
        if isinstance(number, slice):
            return copy.copy(self)._renumbered(layers[number])
        return layers[number]

    def __setitem__(self, number: int, layer: Module) -> None:
        place = range(len(self))[number]
        setattr(self, str(place), _checked(type(self).__name__, layer, place))

    def __delitem__(self, number: int | slice) -> None:
        layers = list(self)
        del layers[number]
        self._renumbered(layers)


class Sequential(Numbered):
    """Modules one after the other: each one's output is the next one's input.

    Raises: UsageError for a layer that is not a module.
    """

    def forward(self, x: Any) -> Any:
        """What the last one gives out."""
        for name, layer in list(vars(self).items()):  # as `__iter__` does, without its cost: this runs at every step
            if name.isdigit():
                x = layer(x)
        return x


def _checked(container: str, layer: object, number: int) -> Module:
    if isinstance(layer, Module):
        return layer
    raise UsageError(
        f"layer {number} of a {container} is no module",
        given=f"the class {layer.__name__}" if isinstance(layer, type) else f"a {type(layer).__name__}",
        needed="modules, each as an argument of its own" if container == "Sequential" else "modules",
        fix=_fix(layer, container),
    )


def _fix(layer: object, container: str) -> str:
    if isinstance(layer, type):
        return f"make one: {layer.__name__}()"
    if isinstance(layer, (list, tuple)):
        return f"put a star before the list: {container}(*layers)"
    if isinstance(layer, dict):
        return f"layers are numbered: {container}(*layers.values())"
    return "write a module whose forward() calls it"
