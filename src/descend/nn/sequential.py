"""Modules one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from descend.engine import UsageError
from descend.nn.module import Module


class Sequential(Module):
    """Modules one after the other: each one's output is the next one's input.

    Raises: UsageError for a layer that is not a module.
    """

    def __init__(self, *layers: Module) -> None:
        for number, layer in enumerate(layers):
            setattr(self, str(number), _checked(layer, number))

    def forward(self, x: Any) -> Any:
        """What the last one gives out."""
        for name, layer in list(vars(self).items()):  # as `__iter__` does, without its cost: this runs at every step
            if name.isdigit():
                x = layer(x)
        return x

    def __iter__(self) -> Iterator[Module]:
        return (part for name, part in vars(self).items() if name.isdigit())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, number: int) -> Module:
        return list(self)[number]


def _checked(layer: object, number: int) -> Module:
    if isinstance(layer, Module):
        return layer
    raise UsageError(
        f"layer {number} of a Sequential is no module",
        given=f"the class {layer.__name__}" if isinstance(layer, type) else f"a {type(layer).__name__}",
        needed="modules, each as an argument of its own",
        fix=_fix(layer),
    )


def _fix(layer: object) -> str:
    if isinstance(layer, type):
        return f"make one: {layer.__name__}()"
    if isinstance(layer, (list, tuple)):
        return "put a star before the list: Sequential(*layers)"
    return "write a module whose forward() calls it"
