from __future__ import annotations

import numpy as np
import pytest

from descend.data import Draws, RandomHorizontalFlip, RandomVerticalFlip

X = np.random.default_rng(0).integers(0, 256, (400, 1, 3, 4), np.uint8)
DRAWS = Draws(0, 0, np.arange(400))


@pytest.mark.parametrize(
    ("transform", "mirror"), [(RandomHorizontalFlip, X[..., ::-1]), (RandomVerticalFlip, X[:, :, ::-1])]
)
def test_a_picture_is_itself_or_its_mirror_image(transform, mirror):
    made = transform(0.3).change(X, DRAWS)
    assert made.dtype == np.uint8
    same, turned = ((made == other).all(axis=(1, 2, 3)) for other in (X, mirror))
    assert (same | turned).all()
    # 400 coins that fall one way with probability 0.3: within five standard deviations.
    assert abs(turned.sum() - 120) < 5 * np.sqrt(400 * 0.3 * 0.7)


@pytest.mark.parametrize("transform", [RandomHorizontalFlip, RandomVerticalFlip])
def test_never_and_always(transform):
    assert np.array_equal(transform(0).change(X, DRAWS), X)
    twice = transform(1).change(transform(1).change(X, DRAWS), DRAWS)
    assert np.array_equal(twice, X)
    assert not np.array_equal(transform(1).change(X, DRAWS), X)
