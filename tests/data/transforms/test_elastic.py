from __future__ import annotations

import numpy as np
import pytest

from descend.data import Draws, ElasticTransform
from descend.data.transforms.gaussian import smoothed
from descend.engine.errors import UsageError

DRAWS = Draws(0, 0, np.arange(30))


def places() -> np.ndarray:
    """Pictures in which a pixel tells its row and its column."""
    grid = np.stack(np.meshgrid(np.arange(28.0), np.arange(28.0), indexing="ij"))
    return np.broadcast_to(grid, (30, 2, 28, 28)).copy()


def test_every_pixel_comes_from_its_place_moved_by_the_field():
    made = ElasticTransform(8, 3).change(places(), DRAWS)
    field = 8 * smoothed(DRAWS.uniform(2, 28, 28, low=-1.0, high=1.0), 3)
    want = places() + field
    inside = ((want >= 0) & (want <= 27)).all(axis=1)
    assert inside.mean() > 0.8
    for axis in range(2):
        assert np.allclose(made[:, axis][inside], want[:, axis][inside], atol=1e-3)


def test_simards_values_move_pixels_by_some_pixels_and_smoothly():
    field = 34 * smoothed(DRAWS.uniform(2, 28, 28, low=-1.0, high=1.0), 4.0)
    assert 0.5 < field.std() < 4
    assert np.abs(np.diff(field, axis=-1)).max() < 2


def test_without_amplitude_nothing_moves():
    x = np.random.default_rng(0).integers(0, 256, (30, 1, 9, 9), np.uint8)
    assert np.array_equal(ElasticTransform(0).change(x, DRAWS), x)


def test_a_width_of_0_is_refused():
    with pytest.raises(UsageError):
        ElasticTransform(sigma=0)
