from __future__ import annotations

import numpy as np
import pytest

from descend import nn
from descend.engine import Tensor, ops


@pytest.mark.parametrize("layer", [nn.RNN(2, 3), nn.LSTM(2, 3, 2), nn.GRU(2, 3, batch_first=True)], ids=repr)
def test_windows_give_the_numbers_of_the_whole(layer):
    x = np.random.default_rng(0).standard_normal((10, 10, 2)).astype(np.float32)
    parts = [y.numpy() for y, _ in nn.truncated(layer, x, 4)]
    assert [part.shape[1 if layer.batch_first else 0] for part in parts] == [4, 4, 2]
    assert np.allclose(np.concatenate(parts, 1 if layer.batch_first else 0), layer(x)[0].numpy(), atol=1e-6)


def test_gradients_end_where_the_window_begins():
    layer = nn.LSTM(2, 3)
    x = Tensor(np.random.default_rng(0).standard_normal((9, 1, 2)).astype(np.float32), requires_grad=True)
    for number, (y, state) in enumerate(nn.truncated(layer, x, 3)):
        x.grad = None
        ops.sum(y).backward()
        reached = np.abs(x.grad.numpy()).sum((1, 2)) > 0
        assert np.flatnonzero(reached).tolist() == [3 * number + i for i in range(3)]
        assert not any(part.requires_grad for part in state)


def test_detached_keeps_numbers_and_structure():
    h = Tensor(np.ones(2), requires_grad=True) * 2
    state = nn.detached((h, [h, None]))
    assert np.array_equal(state[0].numpy(), [2, 2])
    assert not state[0].requires_grad
    assert isinstance(state[1], list)
    assert state[1][1] is None
