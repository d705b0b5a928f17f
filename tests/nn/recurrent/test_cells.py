from __future__ import annotations

import numpy as np

from descend import nn
from descend.engine import Generator


def test_weights_follow_the_generator_and_begin_within_one_over_the_root_of_the_size():
    a, b, c = (nn.LSTMCell(7, 100, generator=Generator(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))
    assert not np.array_equal(a.weight_ih.numpy(), c.weight_ih.numpy())
    for array in a.state_dict().values():
        assert 0.9 < np.abs(array).max() * 10 <= 1


def test_without_a_state_it_begins_with_zeros():
    x, zeros = np.ones((2, 3), np.float32), np.zeros((2, 4), np.float32)
    assert np.array_equal(nn.GRUCell(3, 4).eval()(x).numpy().shape, (2, 4))
    for cell, state in ((nn.RNNCell(3, 4), zeros), (nn.GRUCell(3, 4), zeros)):
        assert np.array_equal(cell(x).numpy(), cell(x, state).numpy())
    lstm = nn.LSTMCell(3, 4)
    assert np.array_equal(lstm(x)[1].numpy(), lstm(x, (zeros, zeros))[1].numpy())
