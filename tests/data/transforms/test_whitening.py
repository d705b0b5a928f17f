from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from descend.data import Whitening
from descend.engine.errors import ShapeError, UsageError

rng = np.random.default_rng(0)
ROWS = rng.standard_normal((400, 6)) @ rng.standard_normal((6, 6)) + 3


@pytest.mark.parametrize("kind", ["zca", "pca"])
def test_the_covariance_becomes_the_identity(kind):
    white = Whitening.fit(ROWS, kind, eps=1e-9)(ROWS)
    assert white.dtype == np.float32
    assert np.allclose(np.cov(white, rowvar=False), np.eye(6), atol=1e-2)
    assert np.abs(white.mean(axis=0)).max() < 1e-3


def test_zca_is_symmetric_and_moves_the_data_least():
    zca, pca = Whitening.fit(ROWS, "zca"), Whitening.fit(ROWS, "pca")
    assert np.allclose(zca.matrix, zca.matrix.T, atol=1e-5)
    centred = ROWS - ROWS.mean(axis=0)
    assert ((zca(ROWS) - centred) ** 2).sum() < ((pca(ROWS) - centred) ** 2).sum()


@given(st.integers(1, 6))
def test_pca_is_scikit_learns_up_to_signs(k):
    made = Whitening.fit(ROWS, "pca", eps=0, components=k)(ROWS)
    want = PCA(k, whiten=True).fit_transform(ROWS)
    assert made.shape == (400, k)
    assert np.allclose(np.abs(made), np.abs(want), atol=2e-2)


def test_eps_keeps_directions_without_variance_small():
    flat = ROWS.copy()
    flat[:, 5] = flat[:, 4]
    white = Whitening.fit(flat, eps=0.1)(flat)
    assert np.isfinite(white).all()
    assert np.linalg.eigvalsh(np.cov(white, rowvar=False)).min() < 1e-3


def test_pictures_stay_pictures():
    x = rng.random((50, 2, 3, 3)).astype(np.float32)
    assert Whitening.fit(x)(x[:7]).shape == (7, 2, 3, 3)
    assert Whitening.fit(x, "pca", components=4)(x).shape == (50, 4)


def test_examples_of_another_kind_are_refused():
    with pytest.raises(ShapeError, match="5 numbers"):
        Whitening.fit(ROWS)(ROWS[:, :5])


@pytest.mark.parametrize("choice", [{"kind": "ica"}, {"kind": "zca", "components": 2}])
def test_other_whitenings_are_refused(choice):
    with pytest.raises(UsageError):
        Whitening.fit(ROWS, **choice)
