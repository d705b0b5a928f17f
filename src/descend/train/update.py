"""One update of the weights, and one look at a batch, compiled: functions of the batch alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from descend.engine import Tensor, UsageError
from descend.optim.searching import SearchingOptimizer
from descend.train.evaluate import outputs_of

if TYPE_CHECKING:
    from descend.compiler import Compiled
    from descend.train.trainer import Trainer


def compiled(trainer: Trainer, executor: str = "auto") -> Compiled:
    """The trainer's update, traced at the first batch of each shape: (x, y) -> the loss before it.

    Where the loss is not finite nothing is changed. Gradients are not left in the parameters.
    Raises: UsageError for an optimiser that chooses by numbers, and for batches divided into pieces.
    """
    from descend.compiler import Compiled

    if isinstance(trainer.optimizer, SearchingOptimizer) or trainer.pieces != 1:
        name = type(trainer.optimizer).__name__
        raise UsageError(
            "this update cannot be compiled", given=f"{name}, {trainer.pieces} pieces a batch",
            needed="an optimiser whose step needs no search, and whole batches", fix="train without compiling",
        )  # fmt: skip
    model, optimizer, loss, schedule = trainer.model, trainer.optimizer, trainer.loss, trainer.schedule

    def update(x: Tensor, y: Tensor) -> Tensor:
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        optimizer.step()
        if schedule:
            schedule.step()
        return value

    return Compiled(update, executor, accept=lambda value: math.isfinite(value.item()))


def compiled_outputs(trainer: Trainer, executor: str = "auto") -> Compiled:
    """(x, y) -> the model's outputs and their loss, for `evaluate`, traced at the first batch of each shape."""
    from descend.compiler import Compiled

    return Compiled(outputs_of(trainer.model, trainer.loss), executor)
