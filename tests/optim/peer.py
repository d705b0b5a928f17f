"""PyTorch's update rules as the peer: the same network on the same data, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from descend import nn
from descend.engine import Tensor
from tests.nn.peer import close, give_weights, in_double

STEPS = 50
_rng = np.random.default_rng(0)
X: NDArray[Any] = _rng.standard_normal((11, 3))
Y: NDArray[Any] = _rng.standard_normal((11, 2))


def network(library: Any) -> Any:
    """3 inputs, 5 tanh units, 2 outputs, in our layers or in PyTorch's."""
    return library.Sequential(library.Linear(3, 5), library.Tanh(), library.Linear(5, 2))


def backward(model: nn.Module, x: NDArray[Any] = X, y: NDArray[Any] = Y) -> None:
    """The gradient of the mean squared error, in the model's type."""
    dtype = next(iter(model.parameters())).dtype
    nn.mse_loss(model(Tensor(x.astype(dtype))), y.astype(dtype)).backward()


def train(model: nn.Module, optimizer: Any, steps: int, schedule: Any = None) -> None:
    """Some steps of full-batch training."""
    for _ in range(steps):
        optimizer.zero_grad()
        backward(model)
        optimizer.step()
        if schedule is not None:
            schedule.step()


def agree(ours: Any, theirs: Any, dtype: Any, tolerance: float) -> None:
    """The parameters after each of 50 steps. `ours` and `theirs` make an optimiser from parameters."""
    model, peer = network(nn), network(torch.nn)
    if dtype == np.float64:
        in_double(model)
        peer.double()
    give_weights(model, peer)
    a, b = ours(model.parameters()), theirs(peer.parameters())
    x, y = (torch.from_numpy(data.astype(dtype)) for data in (X, Y))
    for step in range(STEPS):
        train(model, a, 1)
        b.zero_grad()
        torch.nn.functional.mse_loss(peer(x), y).backward()
        b.step()
        expected = dict(peer.named_parameters())
        for name, cell in model.named_parameters():
            assert cell.dtype == dtype
            close(f"{name} after step {step + 1}", cell.numpy(), expected[name].detach(), tolerance)


def arrays(model: nn.Module) -> list[bytes]:
    """The parameters, bit for bit."""
    return [cell.numpy().tobytes() for cell in model.parameters()]
