from __future__ import annotations

import numpy as np

from descend import nn

X = np.random.default_rng(0).standard_normal((2, 6, 4, 3)).astype(np.float32)


def test_one_group_is_layer_norm_and_one_a_channel_is_instance_norm():
    layer = nn.LayerNorm((6, 4, 3), elementwise_affine=False)
    assert np.allclose(nn.GroupNorm(1, 6, affine=False)(X).numpy(), layer(X).numpy(), atol=1e-5)
    assert np.allclose(nn.GroupNorm(6, 6, affine=False)(X).numpy(), nn.InstanceNorm2d(6)(X).numpy(), atol=1e-5)


def test_an_example_of_instance_norm_is_a_batch_of_batch_norm():
    alone = nn.BatchNorm2d(6)(X[1:]).numpy()
    assert np.allclose(nn.InstanceNorm2d(6)(X).numpy()[1:], alone, atol=1e-5)


def test_groups_do_not_see_each_other():
    other = X.copy()
    other[:, 3:] *= 100
    layer = nn.GroupNorm(2, 6)
    assert np.array_equal(layer(X).numpy()[:, :3], layer(other).numpy()[:, :3])
