from __future__ import annotations

import numpy as np

from descend.data import Draws, Lighting

rng = np.random.default_rng(0)
MIX = np.array([[1, 0.8, 0.7], [0.8, 1, 0.8], [0.7, 0.8, 1]])
X = np.clip(0.5 + 0.1 * np.einsum("dc,nchw->ndhw", MIX, rng.standard_normal((60, 3, 8, 8))), 0, 1).astype(np.float32)


def test_all_pixels_of_a_picture_get_the_same_colour():
    added = Lighting.fit(X).change(X, Draws(0, 0, np.arange(60))) - X
    assert np.abs(added - added[:, :, :1, :1]).max() < 1e-6


def test_directions_are_those_of_scikit_learns_principal_components():
    from sklearn.decomposition import PCA

    fitted = Lighting.fit(X)
    pca = PCA(3).fit(X.transpose(0, 2, 3, 1).reshape(-1, 3))
    assert np.allclose(fitted.spread[::-1], pca.explained_variance_, rtol=1e-3)
    assert np.allclose(np.abs((fitted.directions[:, ::-1].T * pca.components_).sum(axis=1)), 1, atol=1e-3)


def test_the_colours_vary_along_each_direction_by_its_eigenvalue():
    fitted = Lighting.fit(X, std=0.5)
    many = np.zeros((5000, 3, 1, 1), np.float32)
    added = fitted.change(many, Draws(0, 0, np.arange(5000)))[:, :, 0, 0] @ fitted.directions
    assert np.allclose(added.std(axis=0), 0.5 * fitted.spread, rtol=0.06)
    assert np.abs(np.corrcoef(added.T) - np.eye(3)).max() < 0.06
