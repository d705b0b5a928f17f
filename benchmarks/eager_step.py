"""What does one eager training step of a tiny network cost? 2-16-16-1, tanh, batch 32, mean squared error, Adam.

Here arithmetic is nothing and the cost of every operation's bookkeeping is everything.
"""

from __future__ import annotations

import numpy as np
import torch

from benchmarks.turns import Comparison, compare
from descend import nn, optim
from descend.engine import Tensor, manual_seed
from descend.recipes.recipe import Expect

SIZES = (2, 16, 16, 1)
BATCH = 32
EXPECT = (Expect(metric="ratio_torch_low", at_least=1.0, source="PyTorch eager, in the same run"),)


def run() -> Comparison:
    """Both networks begin with the same weights and must give the same first losses."""
    torch.set_num_threads(1)  # its best here: a second thread has nothing to do and is waited for
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal((BATCH, d)).astype(np.float32) for d in (SIZES[0], SIZES[-1]))
    model, step = ours(x, y)
    peer = theirs(x, y, model)
    for _ in range(3):
        np.testing.assert_allclose(step(), peer(), rtol=1e-4)
    return compare(step, peer, calls=100)


def ours(x: np.ndarray, y: np.ndarray):
    manual_seed(0)
    model = nn.Sequential(
        nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1),
    )  # fmt: skip
    optimizer = optim.Adam(model.parameters(), 1e-3)

    def step() -> float:
        loss = nn.mse_loss(model(Tensor(x)), Tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return model, step


def theirs(x: np.ndarray, y: np.ndarray, like: nn.Module):
    layers = torch.nn
    model = layers.Sequential(
        layers.Linear(2, 16), layers.Tanh(), layers.Linear(16, 16), layers.Tanh(), layers.Linear(16, 1),
    )  # fmt: skip
    model.load_state_dict({name: torch.from_numpy(array) for name, array in like.state_dict().items()})
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)

    def step() -> float:
        loss = layers.functional.mse_loss(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step
