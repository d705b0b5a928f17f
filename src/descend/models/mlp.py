"""The multi-layer perceptron."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from descend.engine import UsageError
from descend.nn import Flatten, Linear, Module, ReLU, Sequential


def mlp(sizes: Sequence[int], activation: Callable[[], Module] = ReLU) -> Sequential:
    """Linear layers of these sizes with an activation between them: mlp([784, 30, 10]) has one hidden layer of 30.

    Shapes: x (n, ...), flattened to (n, sizes[0]); result (n, sizes[-1]).
    Raises: UsageError for fewer than two sizes, or an activation that makes no modules.
    """
    if not isinstance(sizes, (list, tuple)) or len(sizes) < 2:
        raise UsageError(
            "a network needs the sizes of its input and its output", given=f"{sizes!r}", needed="two sizes or more",
            fix="a list of them, like mlp([784, 30, 10])",
        )  # fmt: skip
    if isinstance(activation, Module) or not callable(activation):
        raise UsageError(
            "every activation of a network is a module of its own", given=repr(activation), needed="what makes them",
            fix="pass the class, as in mlp(sizes, nn.Tanh)",
        )  # fmt: skip
    layers: list[Module] = [Flatten()]
    for n_in, n_out in pairwise(sizes):
        layers += [Linear(n_in, n_out), activation()]
    return Sequential(*layers[:-1])
