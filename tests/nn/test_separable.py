from __future__ import annotations

import numpy as np

from descend import nn

X = np.random.default_rng(0).standard_normal((2, 3, 6, 7)).astype(np.float32)


def test_it_is_a_convolution_whose_kernels_are_products():
    taken_apart, whole = nn.SeparableConv2d(3, 4, 3, padding=1, dilation=1), nn.Conv2d(3, 4, 3, padding=1)
    across, along = taken_apart.pointwise.weight.numpy(), taken_apart.depthwise.weight.numpy()
    whole.weight.write(across * along.swapaxes(0, 1))
    whole.bias.write(taken_apart.pointwise.bias.numpy())
    assert np.allclose(taken_apart(X).numpy(), whole(X).numpy(), atol=1e-5)


def test_channels_do_not_see_each_other_in_the_depthwise_part():
    layer, other = nn.DepthwiseConv2d(3, 3, depth_multiplier=2), X.copy()
    other[:, 1] = 9
    a, b = layer(X).numpy(), layer(other).numpy()
    assert np.flatnonzero((a != b).any((0, 2, 3))).tolist() == [2, 3]


def test_it_costs_fewer_products_than_the_whole():
    whole, apart = (
        nn.summary(layer, X.shape).multiply_adds for layer in (nn.Conv2d(3, 64, 3), nn.SeparableConv2d(3, 64, 3))
    )
    assert apart < whole / 7
