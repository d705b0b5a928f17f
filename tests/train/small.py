"""A network that trains in milliseconds and has every kind of state: BatchNorm, dropout, Adam, a schedule."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend import nn, optim
from descend.data.dataset import Split
from descend.data.loader import Loader
from descend.engine import manual_seed
from descend.train import Evaluation, Run, RunInfo, Trainer

STEPS = 5  # in an epoch


def split(n: int, seed: int) -> Split:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6)).astype(np.float32)
    return Split(x, (x[:, :3] + 0.3 * rng.normal(size=(n, 3))).argmax(axis=1).astype(np.int64))


def trainer(epochs: int = 3, *, lr: float = 0.05, steps: int = STEPS, evaluation: Evaluation | None = None) -> Trainer:
    manual_seed(7)
    layers = [nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.3), nn.Linear(8, 3)]
    model = nn.Sequential(*layers)
    optimizer = optim.Adam(model.parameters(), lr=lr)
    schedule = optim.CosineSchedule(optimizer, 100, warmup=4)
    # The last batch is smaller than the others.
    loader = Loader(split(8 * steps - 3, 1), 8, seed=3, prefetch=0)
    if evaluation is None:
        evaluation = Evaluation(validation=batches(20, 2), test=batches(30, 4))
    return Trainer(model, optimizer, nn.cross_entropy, loader, epochs=epochs, evaluation=evaluation, schedule=schedule)


def batches(n: int, seed: int, size: int = 7) -> Loader:
    return Loader(split(n, seed), size, shuffle=False, prefetch=0)


def run(**known: Any) -> Run:
    return Run.create(RunInfo.now("small", 7, {"lr": 0.05}, **known))


def weights(trained: Trainer) -> dict[str, NDArray[Any]]:
    return trained.model.state_dict() | {f"optimizer {n}": a for n, a in trained.optimizer.state_dict().items()}


def equal_bits(a: dict[str, NDArray[Any]], b: dict[str, NDArray[Any]]) -> bool:
    return a.keys() == b.keys() and all(a[n].tobytes() == b[n].tobytes() for n in a)
