"""What two runs have in common and where they differ: settings, surroundings, results, weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.train.checkpoint import Checkpoints
from descend.train.events import Done, Epoch, Event
from descend.train.runs import Run

Array = NDArray[Any]


@dataclass(frozen=True)
class Difference:
    """One name with two values; None where a run lacks it."""

    name: str
    a: Any
    b: Any


@dataclass(frozen=True)
class Distance:
    """How far two tensors of one name are apart.

    Attributes:
        euclidean: ‖a - b‖, in the units of the weights.
        relative: ‖a - b‖ / ‖a‖, and 0 where both are 0.
        largest: the greatest |aᵢ - bᵢ|.
        equal: the same bits.
    """

    name: str
    shape: tuple[int, ...]
    euclidean: float
    relative: float
    largest: float
    equal: bool


@dataclass(frozen=True)
class Diff:
    """Two runs compared. Every list holds differences only, save `weights`, which has every shared tensor."""

    a: str
    b: str
    settings: list[Difference]
    environment: list[Difference]
    metrics: list[Difference]
    weights: list[Distance]
    unmatched: list[Difference]

    @property
    def same_weights(self) -> bool:
        """Whether both have the same tensors, bit for bit."""
        return bool(self.weights) and not self.unmatched and all(d.equal for d in self.weights)

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists for one JSON object."""
        row: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return row | {"same_weights": self.same_weights}


def diff(a: Run, b: Run) -> Diff:
    """Compare two runs: what they were started with, their last metrics and their newest weights.

    Raises DescendError where events or all checkpoints of one of them are damaged.
    """
    weights_a, weights_b = weights(a), weights(b)
    return Diff(
        a=a.name,
        b=b.name,
        settings=differences(_asked(a), _asked(b)),
        environment=differences(_surroundings(a), _surroundings(b)),
        metrics=differences(last_metrics(a.events()), last_metrics(b.events())),
        weights=[distance(n, weights_a[n], weights_b[n]) for n in _shared(weights_a, weights_b)],
        unmatched=differences(_shapes(weights_a), _shapes(weights_b)),
    )


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Difference]:
    """The names whose values are not equal, those of `a` first."""
    return [Difference(n, a.get(n), b.get(n)) for n in {**a, **b} if a.get(n) != b.get(n)]


def distance(name: str, a: Array, b: Array) -> Distance:
    """Compare two tensors of one shape, in float64."""
    gap = np.asarray(a, np.float64) - np.asarray(b, np.float64)
    euclidean, scale = float(np.linalg.norm(gap)), float(np.linalg.norm(np.asarray(a, np.float64)))
    return Distance(
        name=name,
        shape=a.shape,
        euclidean=euclidean,
        relative=euclidean / scale if scale else float("inf") if euclidean else 0.0,
        largest=float(np.abs(gap).max(initial=0.0)),
        equal=a.dtype == b.dtype and a.tobytes() == b.tobytes(),
    )


def weights(run: Run) -> dict[str, Array]:
    """The tensors of the model in a run's newest whole checkpoint; empty before the first one."""
    newest, _ = Checkpoints(run.path / "checkpoints").newest()
    return newest.part("model") if newest else {}


def last_metrics(happened: list[Event]) -> dict[str, float]:
    """The metrics of the end, or of the last epoch where there is no end yet."""
    measured = [e.metrics for e in happened if isinstance(e, Epoch | Done)]
    return measured[-1] if measured else {}


def _asked(run: Run) -> dict[str, Any]:
    info = run.info
    overrides = {f"with {symbol}": source for symbol, source in info.overrides.items()}
    return {"recipe": info.recipe, "seed": info.seed} | info.settings | overrides


def _surroundings(run: Run) -> dict[str, str]:
    info = run.info
    return {"data": info.data, "code": info.code, "executor": info.executor} | info.environment


def _shared(a: Mapping[str, Array], b: Mapping[str, Array]) -> list[str]:
    return [name for name in a if name in b and a[name].shape == b[name].shape]


def _shapes(tensors: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in tensors.items()}
