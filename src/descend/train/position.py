"""Where training stands, and what has to be saved so that it can go on as if nothing had happened."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from descend.engine import default_generator
from descend.engine.errors import DescendError, NonFiniteError
from descend.nn.inspection import generators
from descend.train.checkpoint import Arrays, Checkpoint

if TYPE_CHECKING:
    from descend.train.trainer import Trainer


_CALLBACK = "callback"


@runtime_checkable
class Stateful(Protocol):
    """Model, optimiser, schedule and generator: their state is arrays by name."""

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The state as arrays."""

    def load_state_dict(self, arrays: dict[str, NDArray[Any]], /) -> object:
        """Go on from such a state."""


@dataclass
class Position:
    """Where training stands between two steps.

    Attributes:
        epoch: epochs done. batch: batches done in the next one. step: batches done in all.
        loss_total, examples: sum of loss times batch size, and of batch sizes, in this epoch.
        seconds, epoch_seconds: time spent training and measuring, in all and in this epoch.
        metrics: what was measured last.
        best: the highest accuracy after an epoch, for every split measured then.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    loss_total: float = 0.0
    examples: int = 0
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    best: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.restart_clock()

    def restart_clock(self) -> None:
        """Leave out the time since the clock was read last, as after a pause."""
        self._read = time.perf_counter()

    def read_clock(self) -> None:
        """Add the time since the clock was read last."""
        now = time.perf_counter()
        self.seconds, self.epoch_seconds = (
            self.seconds + now - self._read,
            self.epoch_seconds + now - self._read,
        )
        self._read = now

    def take(self, loss: float, examples: int) -> None:
        """Count one step."""
        self.batch, self.step = self.batch + 1, self.step + 1
        self.loss_total, self.examples = self.loss_total + loss * examples, self.examples + examples

    def finish_epoch(self, metrics: Mapping[str, float]) -> None:
        """Count one epoch, and begin the next."""
        self.metrics = dict(metrics)
        for name in (n for n in metrics if n.endswith("_accuracy")):
            self.best[name] = max(self.best.get(name, -np.inf), metrics[name])
        self.epoch, self.batch = self.epoch + 1, 0
        self.loss_total, self.examples, self.epoch_seconds = 0.0, 0, 0.0


def collect(trainer: Trainer, position: Position) -> tuple[Arrays, dict[str, Any]]:
    """All that a checkpoint holds: arrays under "model/", "optimizer/" and so on, and the position.

    Raises NonFiniteError where a parameter is NaN or infinite: such weights are not worth keeping.
    """
    for name, parameter in trainer.model.named_parameters():
        if not np.isfinite(parameter.numpy()).all():
            raise NonFiniteError(
                f"the weights {name} are no longer finite after step {position.step}",
                fix=f"lower the learning rate (now {trainer.lr:g}), or scale the inputs",
            )
    parts = {part: owner.state_dict() for part, owner in _owners(trainer).items()}
    arrays = {f"{part}/{name}": np.asarray(a) for part, state in parts.items() for name, a in state.items()}
    return arrays, {"position": asdict(position), "epochs": trainer.epochs, "batches": len(trainer.loader)}


def restore(trainer: Trainer, checkpoint: Checkpoint) -> Position:
    """Put a trainer into the state that was saved, and say where it stands.

    Raises DescendError where the checkpoint was made with another number of batches in an epoch.
    """
    batches = checkpoint.meta["batches"]
    if batches != len(trainer.loader):
        raise DescendError(
            f"the checkpoint {checkpoint.path} does not fit these settings",
            given=f"{len(trainer.loader)} batches in an epoch",
            needed=f"{batches}, as when the run began",
            fix="use the data and the batch size of the run, or start a new run",
        )
    for part, owner in _owners(trainer).items():
        state = checkpoint.part(part)
        if state or not part.startswith(_CALLBACK):  # a callback may be new to a run
            owner.load_state_dict(state)
    known = {f.name for f in fields(Position)}
    return Position(**{name: v for name, v in checkpoint.meta["position"].items() if name in known})


def _owners(trainer: Trainer) -> dict[str, Stateful]:
    owners: dict[str, Stateful | None] = {
        "model": trainer.model,
        "optimizer": trainer.optimizer,
        "schedule": trainer.schedule,
        "generator": default_generator(),
    }
    own = {f"generator of {path}": generator for path, generator in generators(trainer.model)}
    return {part: owner for part, owner in (owners | own | _callbacks(trainer)).items() if owner is not None}


def _callbacks(trainer: Trainer) -> dict[str, Stateful]:
    """The callbacks that have a state, such as averaged weights, by place and type."""
    found: Iterable[tuple[int, Any]] = enumerate(trainer.callbacks)
    return {f"{_CALLBACK} {i} {type(one).__name__}": one for i, one in found if isinstance(one, Stateful)}
