from __future__ import annotations

import numpy as np
import pytest

from descend import nn
from descend.engine import ops


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), ((2, 1), (1, 0))])
def test_with_the_same_kernels_everywhere_it_is_a_convolution(stride, padding):
    shared = nn.Conv2d(2, 3, (3, 2), stride, padding)
    local = nn.LocallyConnected2d(2, 3, (6, 5), (3, 2), stride=stride, padding=padding)
    local.weight.write(np.broadcast_to(shared.weight.numpy(), local.weight.shape))
    local.bias.write(np.broadcast_to(shared.bias.numpy()[:, None, None], local.bias.shape))
    x = np.random.default_rng(0).standard_normal((4, 2, 6, 5)).astype(np.float32)
    assert np.allclose(local(x).numpy(), shared(x).numpy(), atol=1e-5)


def test_places_have_kernels_of_their_own():
    layer = nn.LocallyConnected1d(1, 1, 5, 2)
    ops.sum(layer(np.ones((1, 1, 5), np.float32))[:, :, 2]).backward()
    assert np.flatnonzero(layer.weight.grad.numpy().reshape(4, -1).any(1)).tolist() == [2]
