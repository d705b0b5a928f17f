"""A model as a network that can be looked into without changing it."""

from __future__ import annotations

from typing import Any, Protocol

from descend.engine.errors import UsageError
from descend.nn import Module
from descend.studio.shown.descend_module import DescendNetwork
from descend.studio.shown.look import Array, Inputs, Look, Loss
from descend.studio.shown.torch_module import TorchNetwork, is_torch_module


class Network(Protocol):
    """What is asked of a model. Everything is done in the thread that trains.

    Attributes:
        framework: "descend" or "PyTorch". title: the name of its class. parameters: how many numbers it learns.
        sight: the shape of the pictures that it is given, () where they are none.
    """

    framework: str
    title: str
    parameters: int
    sight: tuple[int, ...]

    def look(self, x: Inputs, y: Array | None, loss: Loss | str | None) -> Look:
        """Run examples through it in evaluation mode. Gradients are those of the last step where it left some.

        Args:
            loss: loss(output, y), or the name of one, for gradients where there are none.
        """

    def answer(self, x: Inputs) -> Array:
        """What it gives out for examples, in evaluation mode."""

    def mark(self) -> None:
        """Note the weights as they are: the next look tells how far they have moved since."""


def network(model: Any) -> Network:
    """The model as a `Network`. Raises UsageError for what is none."""
    if isinstance(model, Module):
        return DescendNetwork(model)
    if is_torch_module(model):
        return TorchNetwork(model)
    if isinstance(model, type):
        name = model.__name__
        fix = f"show({name}(...), data)"
        raise UsageError("this is the class of a network, not a network", given=f"the class {name}", fix=fix)
    raise UsageError(
        "this is no network that can be looked into",
        given=f"a {type(model).__name__}",
        needed="a descend.nn.Module or a torch.nn.Module",
        fix="put the computation into the forward() of a module",
    )
