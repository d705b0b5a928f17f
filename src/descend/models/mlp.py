"""The multi-layer perceptron."""

from __future__ import annotations

from collections.abc import Sequence

from descend.engine import UsageError
from descend.nn import Flatten, Linear, Module, ReLU, Sequential


def mlp(sizes: Sequence[int], activation: type[Module] = ReLU) -> Sequential:
    """Linear layers of these sizes with an activation between them: mlp([784, 30, 10]) has one hidden layer of 30.

    Shapes: x (n, ...), flattened to (n, sizes[0]); result (n, sizes[-1]). Raises: UsageError for fewer than two sizes.
    """
    if len(sizes) < 2:
        raise UsageError(
            "a network needs an input and an output size", given=f"{list(sizes)}", needed="two sizes or more"
        )
    layers: list[Module] = [Flatten()]
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [Linear(n_in, n_out), activation()]
    return Sequential(*layers[:-1])
