from __future__ import annotations

import numpy as np

from descend import nn
from descend.engine import ops

X = np.random.default_rng(0).standard_normal((2, 3, 5, 5)).astype(np.float32)


def fixed(*matrix: float) -> nn.Module:
    """A localisation that finds the same map for every image."""
    layer = nn.Linear(75, 6)
    layer.weight.write(np.zeros((6, 75)))
    layer.bias.write(matrix)
    return nn.Sequential(nn.Flatten(), layer)


def test_the_identity_leaves_images_as_they_are():
    assert np.allclose(nn.SpatialTransformer(fixed(1, 0, 0, 0, 1, 0))(X).numpy(), X, atol=1e-5)


def test_mirrors_turns_and_steps():
    mirrored = nn.SpatialTransformer(fixed(-1, 0, 0, 0, 1, 0))(X).numpy()
    turned = nn.SpatialTransformer(fixed(0, 1, 0, 1, 0, 0))(X).numpy()
    moved = nn.SpatialTransformer(fixed(1, 0, 0.4, 0, 1, 0))(X).numpy()  # a pixel is 2/5 wide
    assert np.allclose(mirrored, X[..., ::-1], atol=1e-5)
    assert np.allclose(turned, X.swapaxes(2, 3), atol=1e-5)
    assert np.allclose(moved[..., :-1], X[..., 1:], atol=1e-5)
    assert np.allclose(moved[..., -1], 0, atol=1e-5)


def test_the_localisation_learns():
    layer = nn.SpatialTransformer(fixed(1, 0, 0.1, 0, 1, 0.1))
    ops.sum(ops.square(layer(X))).backward()
    assert all(parameter.grad.numpy().any() for parameter in layer.parameters())
