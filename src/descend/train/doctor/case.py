"""What the doctor knows about a training: its events, some of its examples, and measurements of its network."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Tensor, no_grad
from descend.engine.errors import DescendError
from descend.nn import Module, Parameter
from descend.nn.inspection import undisturbed
from descend.nn.module import is_leaf
from descend.train.events import Epoch, Step
from descend.train.metrics import log_softmax

if TYPE_CHECKING:
    from descend.train.evaluate import Batches
    from descend.train.trainer import Trainer

Array = NDArray[Any]
EXAMPLES = 512  # of the training data that are looked at
FEW = 128  # of these go through the network each time that it is looked at


@dataclass(frozen=True)
class Layer:
    """A matrix or kernel of weights: its path, and the root mean squares of it and of its gradient.

    Attributes:
        equal: whether all its units have the same weights.
    """

    name: str
    weight: float
    gradient: float
    equal: bool


@dataclass(frozen=True)
class Look:
    """What was measured right after a step: the layers in their order, and |change of the weights| / |weights|."""

    step: int
    layers: list[Layer]
    moved: float


@dataclass
class Case:
    """A training that is examined.

    Attributes:
        steps, epochs: the events so far. planned: the epochs that there will be.
        looks: measurements so far.
        found: topics found so far.
    """

    trainer: Trainer
    planned: int = 0
    steps: list[Step] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    @property
    def model(self) -> Module:
        """The network."""
        return self.trainer.model

    @property
    def losses(self) -> Array:
        """The loss of every step. Shape (steps,)."""
        return np.array([step.loss for step in self.steps])

    @cached_property
    def examples(self) -> tuple[Array, Array]:
        """Training examples and their labels, the first that there are. Shapes: (n, ...), (n,)."""
        return gathered(self.trainer.loader, EXAMPLES)

    @property
    def x(self) -> Array:
        """The inputs of the examples."""
        return self.examples[0]

    @property
    def few(self) -> Array:
        """The first of the inputs: enough to see what a network does with them."""
        return self.x[:FEW]

    @property
    def y(self) -> Array:
        """The labels of the examples."""
        return self.examples[1]

    @cached_property
    def classes(self) -> int:
        """The number of classes that the network tells apart; 0 where it does not classify."""
        if self.y.ndim != 1 or self.y.dtype.kind not in "iu":
            return 0
        shape = self.output(self.x[:2]).shape
        return shape[1] if len(shape) == 2 and shape[1] > 1 else 0

    @cached_property
    def chance(self) -> float:
        """The loss where every class gets the same score, log k for cross-entropy; NaN where it does not classify."""
        return self.loss(np.zeros((len(self.y), self.classes), np.float32)) if self.classes else math.nan

    @cached_property
    def constant(self) -> float:
        """The loss of the best answer that does not look at the input: class frequencies, or the mean."""
        if self.classes:
            share = np.bincount(self.y, minlength=self.classes) / len(self.y)
            scores = np.log(np.maximum(share, 1e-6)).astype(np.float32)
            return self.loss(np.tile(scores, (len(self.y), 1)))
        return self.loss(np.broadcast_to(self.y.mean(0), self.y.shape).astype(np.float32))

    def loss(self, output: Array) -> float:
        """The loss of these outputs for the examples; NaN where the trainer's loss does not take them."""
        try:
            with no_grad():
                return float(self.trainer.loss(Tensor(output), Tensor(self.y)).item())
        except DescendError:
            return math.nan

    def output(self, x: Array) -> Array:
        """What the network gives out for x in use. Nothing is changed."""
        with undisturbed(self.model):
            y: Array = self.model(Tensor(x)).numpy()
        return y

    def accuracy(self) -> float:
        """The share of the examples whose class the network finds."""
        return float(np.mean(log_softmax(self.output(self.x)).argmax(1) == self.y))

    def weights(self) -> list[tuple[str, Parameter]]:
        """The matrices and kernels, in the order of the layers: parameters with two axes or more.

        Tables of words are left out: a step changes those of the batch's words alone, be the table large or small.
        """
        tables = {id(p) for part in self.model.modules() if is_table(part) for p in part.parameters()}
        return [(name, p) for name, p in self.model.named_parameters() if p.ndim >= 2 and id(p) not in tables]

    def typical_move(self) -> float:
        """The median of |change| / |weights| over the looks; NaN where there was none."""
        moves = [look.moved for look in self.looks if math.isfinite(look.moved)]
        return float(np.median(moves)) if moves else math.nan


def is_table(module: Module) -> bool:
    """Whether a module looks its inputs up, as an `Embedding` does, and has nothing else in it."""
    return is_leaf(module) and "Embedding" in type(module).__name__


def gathered(batches: Batches, limit: int) -> tuple[Array, Array]:
    """The first `limit` examples of epoch 0, or all if there are fewer. Shapes: (n, ...), (n, ...)."""
    xs, ys = [], []
    with closing(_epoch(batches)) as stream:
        for x, y in stream:
            xs.append(x)
            ys.append(y)
            if sum(map(len, ys)) >= limit:
                break
    return np.concatenate(xs)[:limit], np.concatenate(ys)[:limit]


def _epoch(batches: Batches) -> Generator[tuple[Array, Array], None, None]:
    yield from batches.epoch(0)
