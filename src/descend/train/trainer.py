"""Training: forward, backward, update, over and over. It tells what happens and never prints or draws."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from functools import partial
from numbers import Integral
from typing import TYPE_CHECKING, Protocol

import numpy as np

from descend.data import Split
from descend.engine import Tensor, from_numpy
from descend.engine.errors import DescendError, NonFiniteError, UsageError
from descend.nn import Module
from descend.optim import Optimizer
from descend.optim.searching import SearchingOptimizer
from descend.train import checks, events, update
from descend.train.callbacks.callback import Callback, Callbacks
from descend.train.callbacks.history import History
from descend.train.evaluate import Array, Batches, Evaluation, Loss, Outputs, evaluate, in_batches, predict
from descend.train.events import Done, Epoch, Event, Failed, Start, Step
from descend.train.position import Position, Stateful
from descend.train.recording import Recording, Saving
from descend.train.runs import Run

if TYPE_CHECKING:
    from descend.compiler import Compiled


class Schedule(Stateful, Protocol):
    """What sets the learning rate after every step."""

    def step(self) -> None:
        """Set the learning rate of the next step."""


class Trainer:
    """Minimises loss(model(x), y) over the batches (x, y) of a loader.

    Args:
        model: called with x as a tensor.
        optimizer: of the model's parameters.
        loss: a function of (logits, labels) that gives the mean over the batch, as a tensor.
        loader: see `data.Loader`; its order must depend on the epoch alone, or a resumed run differs.
        epochs: how often to go through the data.
        evaluation: what to measure, on which data, and when.
        schedule: stepped after every update.

    Attributes:
        callbacks: functions of events, called with each one before it is yielded. What they return may be "stop",
            which ends the training, or events, which join the stream: see `callbacks.callback.Callbacks`.
        pieces: the parts into which each batch is divided to save memory. Their gradients are added up, so that an
            update is the same as from the whole batch, but for layers such as BatchNorm that look at all of it.

    Raises UsageError where there is nothing to train on, and for something else in the place of one of these.
    """

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        loss: Loss,
        loader: Batches,
        *,
        epochs: int,
        evaluation: Evaluation | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        checks.kind(model, Module, "a module")
        checks.kind(optimizer, Optimizer, "an optimiser")
        checks.loss(loss)
        checks.batches(loader)
        if schedule is not None:
            checks.schedule(schedule)
        checks.kind(epochs, Integral, "a whole number of epochs")
        if epochs < 1 or len(loader) < 1:
            given = f"epochs={epochs}, {len(loader)} batches"
            raise UsageError("there is nothing to train on", given=given, needed="at least 1 epoch and 1 batch")
        self.model, self.optimizer, self.loss, self.loader = model, optimizer, loss, loader
        self.epochs, self.evaluation, self.schedule = epochs, evaluation or Evaluation(), schedule
        self.callbacks: list[Callback] = []
        self.pieces = 1
        self.compiled: Compiled | None = None
        self._outputs: Outputs | None = None  # compiled, too; None computes them eagerly
        self._heard = Callbacks([])

    @property
    def lr(self) -> float:
        """The learning rate of the next step."""
        return float(self.optimizer.lr.item())

    def fit(
        self, callbacks: Iterable[Callback] = (), run: Run | None = None, *, saving: Saving | None = None
    ) -> History:
        """Train to the end, with some more callbacks, and return what happened. Otherwise as `events`."""
        before, self.callbacks = self.callbacks, [*self.callbacks, *checks.callbacks(callbacks)]
        try:
            return History(self.events(run, saving=saving))
        finally:
            self.callbacks = before

    def compile(self, executor: str = "auto") -> Trainer:
        """Compute updates and evaluations by compiled graphs from now on; see `update.compiled`. Returns itself."""
        self.compiled = update.compiled(self, executor)
        self._outputs = update.compiled_outputs(self, executor)
        return self

    def evaluate(self, data: Batches | Split | Array, y: Array | None = None) -> dict[str, float]:
        """The mean of the loss and of every metric over batches, a split, or arrays x and y, as after an epoch."""
        batches = in_batches(data, y)
        return evaluate(self.model, self.loss, batches, self.evaluation.metrics, self._outputs)

    def predict(self, data: Batches | Split | Array | Tensor) -> Array:
        """The model's output for every example of batches or a split, or, in one piece, of an array or tensor.

        Shape: (n, ...).
        """
        return predict(self.model, data)

    def events(self, run: Run | None = None, *, saving: Saving | None = None) -> Iterator[Event]:
        """Train, and yield what happens: `Start`, a `Step` for each batch, an `Epoch` for each epoch, `Done`.

        With a run, the events are recorded and checkpoints saved in its folder, and training goes on from the
        newest checkpoint there: the weights are bit for bit those of a run that was never interrupted, on the
        same machine, with the same libraries and BLAS threads.

        Args:
            run: where to record; None records nothing.
            saving: how often to save besides the end of each epoch; by default every 30 seconds.

        Raises NonFiniteError where the loss or a weight is NaN or infinite, and DescendError where the run is
        in use, the disk is full, or all checkpoints are damaged. `Failed` is recorded, not yielded.
        """
        self._heard = Callbacks(self.callbacks)
        if run is None:
            yield from self._heard.of(self._train(None))
            return
        with run.writing() as journal:
            try:
                for event in self._heard.of(self._train(Recording(self, run, journal, saving or Saving()))):
                    journal.record(event)
                    yield event
            except Exception as error:
                # The disk that refused a checkpoint may refuse this too: the first error is the one to tell.
                with suppress(DescendError):
                    journal.record(Failed.of(error))
                raise

    def _train(self, recording: Recording | None) -> Iterator[Event]:
        yield Start(self.epochs, len(self.loader), recording.run.info.settings if recording else {})
        position = (yield from recording.resume()) if recording else Position()
        finished = position.epoch >= self.epochs
        while position.epoch < self.epochs and not self._heard.stop:
            stopped = yield from self._epoch(position, recording)
            if stopped:
                yield Done(position.metrics, position.seconds, stopped=True)
                return
        recorded = recording.end if recording and finished else None
        if recorded and not recorded.stopped:
            yield recorded
            return
        if self._heard.finish() and recording:
            recording.save(position)
        yield self._done(position)

    def _epoch(self, position: Position, recording: Recording | None) -> Generator[Event, None, bool]:
        """The rest of an epoch. Returns whether training is to stop at once, as the run's reader asked."""
        position.restart_clock()
        self.model.train()
        for x, y in self.loader.epoch(position.epoch, position.batch):
            yield from self._step(x, y, position)
            if self._heard.stop:
                return False
            # The end of an epoch has its own checkpoint: two for one step could count an epoch twice.
            if recording and position.batch < len(self.loader) and (yield from recording.after_step(position)):
                return True
        yield self._finish(position)
        if recording:
            recording.save(position)
            going_on = position.epoch < self.epochs and not self._heard.stop
            return going_on and (yield from recording.obey(position))
        return False

    def _step(self, x: Array, y: Array, position: Position) -> Iterator[Event]:
        """One update of the weights: w becomes w - lr * gradient, or whatever the optimiser makes of it."""
        lr = self.lr
        computed = self._gradients if self.compiled is None else self.compiled
        value = float(computed(x, y).item())
        if not math.isfinite(value):
            error = _not_finite(value, lr, x, position)
            yield events.Warning("non_finite", error.problem, position.step + 1)
            if self._heard.stop:
                return
            raise error
        if self.compiled is None:  # otherwise the update is done
            self._update(x, y)
        position.take(value, len(y))
        yield Step(position.step, position.epoch + 1, value, lr)

    def _update(self, x: Array, y: Array) -> None:
        searching = isinstance(self.optimizer, SearchingOptimizer)
        self.optimizer.step(partial(self._gradients, x, y) if searching else None)
        if self.schedule:
            self.schedule.step()

    def _gradients(self, x: Array, y: Array) -> Tensor:
        """The loss of the batch, with its gradients in the parameters."""
        self.optimizer.zero_grad()
        pieces = [(x, y)] if self.pieces == 1 else list(_divided(x, y, self.pieces))
        losses = [self._part(*piece, len(y)) for piece in pieces]
        return losses[0] if len(losses) == 1 else Tensor(sum(float(loss.item()) for loss in losses))

    def _part(self, x: Array, y: Array, n: int) -> Tensor:
        """The share in the loss of n examples that these have, its gradients added to those that are there."""
        loss = self.loss(self.model(from_numpy(x)), from_numpy(y))
        loss = loss if len(y) == n else loss * (len(y) / n)
        if math.isfinite(float(loss.item())):
            loss.backward()
        return loss

    def _finish(self, position: Position) -> Epoch:
        if not position.examples:
            given = f"no batch in epoch {position.epoch + 1}, where {len(self.loader)} were announced"
            raise UsageError("there is nothing to train on", given=given, needed="an epoch(number) that gives batches")
        metrics = {"train_loss": position.loss_total / position.examples}
        metrics |= self._measure(self.evaluation.after_epoch())
        position.read_clock()
        event = Epoch(position.epoch + 1, position.step, metrics, position.epoch_seconds)
        position.finish_epoch(metrics)
        return event

    def _done(self, position: Position) -> Done:
        position.restart_clock()
        metrics = position.metrics | self._measure(self.evaluation.after_all())
        if self.evaluation.test_each_epoch and "test_accuracy" in position.best:
            metrics["best_test_accuracy"] = position.best["test_accuracy"]
        position.read_clock()
        return Done(metrics, position.seconds, stopped=position.epoch < self.epochs)

    def _measure(self, splits: dict[str, Batches]) -> dict[str, float]:
        found = {name: self.evaluate(batches) for name, batches in splits.items()}
        return {f"{split}_{name}": value for split, row in found.items() for name, value in row.items()}


def _divided(x: Array, y: Array, pieces: int) -> Iterator[tuple[Array, Array]]:
    """Parts of a batch, none of them empty."""
    return zip(*(np.array_split(data, min(pieces, len(y))) for data in (x, y)))


def _not_finite(loss: float, lr: float, x: Array, position: Position) -> NonFiniteError:
    step = position.step + 1
    if not np.isfinite(x).all():
        return NonFiniteError(
            f"the loss of step {step} is {loss}: the inputs of its batch hold NaN or infinity",
            given=f"batch {position.batch} of epoch {position.epoch + 1}, learning rate {lr:g}",
            fix="remove or replace those values in the data",
        )
    return NonFiniteError(
        f"the loss of step {step} is {loss}",
        given=f"learning rate {lr:g}, inputs from {x.min():g} to {x.max():g}",
        fix=f"lower the learning rate, to {lr / 10:g} say, or scale the inputs to around -1 to 1",
    )
