from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from descend import nn
from descend.engine import ShapeError
from descend.optim import EMA, SGD, SWA
from tests.nn.peer import give_weights
from tests.nn.refusal import Mistake, check
from tests.optim.peer import arrays, network, train

MAKERS = {
    "EMA": (lambda p: EMA(p, 0.9), {"multi_avg_fn": get_ema_multi_avg_fn(0.9)}),
    "SWA": (SWA, {}),
}
EACH = pytest.mark.parametrize("kind", MAKERS)


@EACH
def test_agrees_with_pytorch(kind):
    model, peer = network(nn), network(torch.nn)
    make, settings = MAKERS[kind]
    average, theirs = make(model.parameters()), AveragedModel(peer, **settings)
    optimizer = SGD(model.parameters(), 0.2)
    for _ in range(7):
        train(model, optimizer, 1)
        give_weights(model, peer)
        average.update()
        theirs.update_parameters(peer)
    expected = np.concatenate([p.detach().numpy().ravel() for p in theirs.module.parameters()])
    assert np.allclose(average.weights.numpy(), expected, atol=1e-6)


def test_swa_is_the_mean_of_all():
    model = network(nn)
    average, optimizer, seen = SWA(model.parameters()), SGD(model.parameters(), 0.2), []
    for _ in range(5):
        train(model, optimizer, 1)
        average.update()
        seen.append(np.concatenate([p.numpy().ravel() for p in model.parameters()]))
    assert np.allclose(average.weights.numpy(), np.mean(seen, 0), atol=1e-6)


@EACH
def test_weights_come_back_after_the_block_and_after_an_error(kind):
    model = network(nn)
    average, optimizer = MAKERS[kind][0](model.parameters()), SGD(model.parameters(), 0.2)
    for _ in range(3):
        train(model, optimizer, 1)
        average.update()
    own = arrays(model)
    with pytest.raises(ZeroDivisionError), average.applied():
        assert arrays(model) != own
        raise ZeroDivisionError
    assert arrays(model) == own
    average.apply()
    inside = np.concatenate([p.numpy().ravel() for p in model.parameters()])
    assert np.array_equal(inside, average.weights.numpy())


@EACH
def test_resuming_gives_the_same_bits_as_going_on(kind):
    model = network(nn)
    average, again = MAKERS[kind][0](model.parameters()), MAKERS[kind][0](model.parameters())
    optimizer = SGD(model.parameters(), 0.2)
    for step in range(6):
        train(model, optimizer, 1)
        average.update()
        if step == 2:
            again.load_state_dict(average.state_dict())
        elif step > 2:
            again.update()
    assert average.weights.numpy().tobytes() == again.weights.numpy().tobytes()


def test_another_networks_averages_are_refused():
    average = EMA(network(nn).parameters())
    wrong = average.state_dict() | {"weights": np.zeros(3, np.float32)}
    check(Mistake(lambda: average.load_state_dict(wrong), ShapeError, "weights", "(3,)", "(32,)"))
