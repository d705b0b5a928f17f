"""A network, its loss and its data, for either library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Arrays = tuple[np.ndarray, ...]
"""The batch. Random numbers that a step needs are part of it, so that both libraries have the same."""


@dataclass(frozen=True)
class Library:
    """What a workload is written with: `descend.nn`, or `torch.nn`."""

    nn: Any
    functional: Any


def one_player(model: Any) -> list[Any]:
    """What is trained: the whole network."""
    return [model]


@dataclass(frozen=True)
class Workload:
    """A training step.

    Attributes:
        network: the module, of a library.
        losses: yields the loss of each player, given library, module and batch; the player has made its step before the
            next loss is computed.
        batch: the data.
        gate: how many times PyTorch's speed must be reached at least.
        aim: how many times it is to be reached in the end; 0 where only the best peer counts.
        eager: whether our library is raced without compiling too.
        numbers: what the weights do not show: the heads of attention.
    """

    network: Callable[[Library], Any]
    losses: Callable[..., Iterator[Any]]
    batch: Callable[[np.random.Generator], Arrays]
    gate: float = 1.0
    aim: float = 0.0
    eager: bool = False
    numbers: Mapping[str, int] = field(default_factory=dict)
    players: Callable[[Any], list[Any]] = one_player
    learning_rate: float = 1e-3

    def data(self) -> Arrays:
        """The same batch in every process."""
        return self.batch(np.random.default_rng(0))


def classification(library: Library, model: Any, x: Any, y: Any) -> Iterator[Any]:
    """The cross-entropy of k classes."""
    yield library.functional.cross_entropy(model(x), y)


def labelled(n: int, shape: tuple[int, ...], classes: int = 10) -> Callable[[np.random.Generator], Arrays]:
    """n arrays of random numbers with random labels."""
    return lambda rng: (rng.standard_normal((n, *shape)).astype(np.float32), rng.integers(0, classes, n))
