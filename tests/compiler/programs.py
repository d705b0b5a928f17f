"""Functions and training steps on which the compiler is compared with eager."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

import numpy as np

from descend import nn, optim
from descend.compiler import Compiled, Graph
from descend.engine import PRIMITIVES, Generator, Primitive, Tensor, bind, from_numpy, manual_seed
from descend.optim.searching import SearchingOptimizer

Arrays = dict[str, np.ndarray]
Batch = tuple[np.ndarray, np.ndarray]


def samples(name: str, dtype: Any) -> Iterator[tuple[list[np.ndarray], dict[str, Any]]]:
    """A primitive's sample inputs with the floating-point ones in `dtype`."""
    for inputs, attributes in PRIMITIVES[name].samples(np.random.default_rng(0)):
        arrays = [np.asarray(x) for x in inputs]
        yield [x.astype(dtype) if x.dtype.kind == "f" else x for x in arrays], attributes


def applied(primitive: Primitive, attributes: dict[str, Any]) -> Callable[..., Tensor]:
    return lambda *inputs: bind(primitive, *inputs, **attributes)


def lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 3, 5, padding=2), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(16, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.4, generator=Generator(9)), nn.Linear(8, 5),
    )  # fmt: skip


def mlp() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(144, 19), nn.ReLU(), nn.Linear(19, 7), nn.Sigmoid(), nn.Linear(7, 5))


def dropped() -> nn.Module:
    return nn.Sequential(
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(144, 11), nn.Tanh(), nn.Dropout(0.5), nn.Linear(11, 5)
    )


class OfSequences(nn.Module):
    """A layer of sequences on the rows of an image, and scores from its last output."""

    def __init__(self, layer: nn.Module) -> None:
        self.layer, self.head = layer, nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        y = self.layer(x.reshape(-1, 12, 12))
        return self.head((y[0] if isinstance(y, tuple) else y)[:, -1])


def recurrent() -> nn.Module:
    return OfSequences(nn.LSTM(12, 12, batch_first=True))


def attention() -> nn.Module:
    return OfSequences(nn.TransformerEncoderLayer(12, 3, 20, dropout=0.1))


MODELS = {"lenet": lenet, "mlp": mlp, "dropout": dropped, "recurrent": recurrent, "attention": attention}


def _optimizers() -> dict[str, Callable[[Any], Any]]:
    """Every update rule of the library with its own settings, and those of the common ones that change the rule."""
    rules = {name: getattr(optim, name) for name in optim.__all__}
    found = {
        name: (lambda p, rule=rule: rule(p, lr=0.02))
        for name, rule in rules.items()
        if isinstance(rule, type) and issubclass(rule, optim.Optimizer) and not issubclass(rule, SearchingOptimizer)
        and "lr" in signature(rule).parameters and rule is not optim.Optimizer
    }  # fmt: skip
    return found | {
        "Lookahead": lambda p: optim.Lookahead(optim.SGD(p, 0.05), k=2),
        "momentum": lambda p: optim.SGD(p, 0.05, momentum=0.9, weight_decay=1e-3),
        "Adam with decay": lambda p: optim.Adam(p, 0.02, weight_decay=1e-3),
    }


OPTIMIZERS = _optimizers()


class Training:
    """A model with its optimiser and schedule; `step` is what is compiled."""

    def __init__(self, model: Callable[[], nn.Module], optimizer: Callable[[Any], Any]) -> None:
        manual_seed(3)
        self.model = model()
        self.optimizer = optimizer(self.model.parameters())
        self.schedule = optim.CosineSchedule(self.optimizer, 13, warmup=3, floor=0.1)

    def step(self, x: Tensor, y: Tensor) -> Tensor:
        loss = nn.cross_entropy(self.model(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.schedule.step()
        return loss

    def numbers(self) -> Arrays:
        return self.model.state_dict() | {f"optimizer.{k}": v for k, v in self.optimizer.state_dict().items()}


def batches(n: int, size: int = 6) -> list[Batch]:
    rng = np.random.default_rng(0)
    return [(rng.standard_normal((size, 1, 12, 12)).astype(np.float32), rng.integers(0, 5, size)) for _ in range(n)]


def trajectory(training: Training, step: Callable[..., Tensor], data: list[Batch]) -> list[Arrays]:
    """Loss and state after every step."""
    found = []
    for x, y in data:
        loss = step(from_numpy(x), from_numpy(y))
        found.append(training.numbers() | {"loss": loss.numpy()})
    return found


def traced(training: Training) -> Graph:
    """The graph of a training step."""
    x, y = batches(1)[0]
    return Compiled(training.step, "interpret").traced(from_numpy(x), from_numpy(y)).graph


def graph_of(function: Callable[..., Any], *arrays: np.ndarray) -> Graph:
    """The graph of a function."""
    return Compiled(function, "interpret").traced(*map(from_numpy, arrays)).graph
