"""Running averages taken anew."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from descend import nn, optim
from descend.engine.errors import UsageError
from descend.train import Averaging, update_bn
from tests.train.small import batches, equal_bits, trainer


def test_they_are_the_plain_means_over_the_batches() -> None:
    data, model = batches(21, 4), nn.Sequential(nn.BatchNorm1d(6, momentum=0.3), nn.Linear(6, 2))
    update_bn(data, model)
    xs = [x for x, _ in data.epoch(0)]
    assert np.allclose(model[0].running_mean.numpy(), np.mean([x.mean(0) for x in xs], 0), atol=1e-6)
    assert np.allclose(model[0].running_var.numpy(), np.mean([x.var(0, ddof=1) for x in xs], 0), atol=1e-6)
    assert model[0].momentum == 0.3


def test_they_are_pytorchs() -> None:
    data, model = batches(21, 4), nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 2))
    peer = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.BatchNorm1d(5), torch.nn.Linear(5, 2))
    peer.load_state_dict({n: torch.tensor(a) for n, a in model.state_dict().items()}, strict=False)
    update_bn(data, model)
    torch.optim.swa_utils.update_bn([torch.tensor(x) for x, _ in data.epoch(0)], peer)
    for name in ("running_mean", "running_var"):
        assert np.allclose(getattr(model[1], name).numpy(), getattr(peer[1], name).numpy(), atol=1e-6)


def test_modes_and_everything_else_stay() -> None:
    trained = trainer(1)
    trained.model.train()
    trained.model[1].eval()
    before = {name: array for name, array in trained.model.state_dict().items() if "running" not in name}
    update_bn(batches(20, 2), trained.model)
    after = trained.model.state_dict()
    assert equal_bits(before, {name: after[name] for name in before})
    assert [layer.training for layer in trained.model] == [True, False, True, True, True]
    first = after["1.running_mean"]
    update_bn(batches(20, 2), trained.model)  # dropout rests, and nothing of what was before is left
    assert np.array_equal(first, trained.model.state_dict()["1.running_mean"])
    update_bn(batches(20, 2), nn.Linear(6, 2))
    with pytest.raises(UsageError):
        update_bn([1], trained.model)  # type: ignore[arg-type]


def test_averaged_weights_have_running_averages_of_their_own() -> None:
    trained = trainer(4)
    data = batches(30, 1)
    trained.fit([Averaging(optim.SWA(trained.model.parameters()), "epoch", model=trained.model, batches=data)])
    held = trained.model.state_dict()
    update_bn(data, trained.model)
    assert equal_bits(held, trained.model.state_dict())
