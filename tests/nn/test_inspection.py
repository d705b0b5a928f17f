"""Looking at a model leaves it as it was, whatever happens meanwhile."""

from __future__ import annotations

import numpy as np
import pytest

from descend import nn
from descend.engine import Generator, Tensor, default_generator, manual_seed
from descend.nn.inspection import evaluating, generators, undisturbed


def model() -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5, generator=Generator(7)), nn.Dropout(0.5))


def test_modes_come_back_one_by_one_even_after_an_error():
    net = model()
    net[1].eval()
    before = [module.training for module in net.modules()]
    with pytest.raises(RuntimeError), evaluating(net):
        assert not any(module.training for module in net.modules())
        raise RuntimeError
    assert [module.training for module in net.modules()] == before


def test_nothing_is_recorded_inside():
    net = model()
    with evaluating(net):
        assert not net(Tensor(np.ones((2, 3), np.float32))).requires_grad


def test_random_streams_are_where_they_were():
    net, shared = model(), manual_seed(1)
    own = dict(generators(net))
    assert list(own) == ["2.generator"]
    before = [stream.state_dict() for stream in (shared, *own.values())]
    with undisturbed(net):
        net.train()
        net(Tensor(np.ones((4, 3), np.float32)))
        assert default_generator().counter.item() > 0
    assert [stream.state_dict() for stream in (shared, *own.values())] == before
