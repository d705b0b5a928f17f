from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend.data import Draws, RandomAffine
from descend.data.transforms.affine import affine, affine_matrix

rng = np.random.default_rng(0)
one = np.ones(1)


def test_a_quarter_turn_is_numpys():
    x = rng.integers(0, 256, (3, 2, 5, 5), np.uint8)
    for quarters in range(4):
        matrix = affine_matrix(np.full(3, quarters * np.pi / 2), np.ones(3), np.zeros(3))
        assert np.array_equal(affine(x, matrix, np.zeros((3, 2))), np.rot90(x, quarters, axes=(2, 3)))


@given(st.integers(-4, 4), st.integers(-4, 4))
def test_a_shift_by_whole_pixels_moves_them(down, right):
    x = rng.integers(1, 256, (1, 1, 6, 7), np.uint8)
    made = affine(x, np.eye(2)[None], np.array([[down, right]]), fill=0)
    want = np.zeros_like(x)
    for row in range(6):
        for column in range(7):
            if 0 <= row - down < 6 and 0 <= column - right < 7:
                want[..., row, column] = x[..., row - down, column - right]
    assert np.array_equal(made, want)


@given(st.floats(-3, 3), st.floats(0.5, 2), st.floats(-0.5, 0.5), st.floats(-2, 2), st.floats(-2, 2))
def test_pytorch_samples_the_same_grid(angle, factor, shear, down, right):
    x = rng.standard_normal((1, 2, 6, 8)).astype(np.float32)
    matrix = affine_matrix(np.array([angle]), np.array([factor]), np.array([shear]))
    made = affine(x, matrix, np.array([[down, right]]))
    inverse = np.linalg.inv(matrix[0])
    h, w = 6, 8
    # PyTorch's grid is in halves of the picture, columns first.
    swapped = inverse[::-1, ::-1] * np.array([w, h]) / np.array([[w], [h]])
    offset = -(inverse @ [down, right])[::-1] * 2 / np.array([w, h])
    theta = torch.tensor(np.concatenate([swapped, offset[:, None]], axis=1)[None], dtype=torch.float32)
    grid = torch.nn.functional.affine_grid(theta, [1, 2, h, w], align_corners=False)
    want = torch.nn.functional.grid_sample(torch.from_numpy(x), grid, align_corners=False).numpy()
    assert np.allclose(made, want, atol=1e-3)


def test_the_parts_are_scale_rotation_and_shear():
    angle, factor, shear = np.array([0.3]), np.array([1.5]), np.array([0.2])
    matrix = affine_matrix(angle, factor, shear)[0]
    assert np.isclose(np.linalg.det(matrix), 1.5**2)
    assert np.allclose(affine_matrix(angle, one, 0 * one)[0] @ affine_matrix(0 * one, one, shear)[0] * 1.5, matrix)
    assert np.allclose(affine_matrix(0 * one, one, shear)[0] @ [1, 0], [1, np.tan(0.2)]), "rows move sideways"


def test_the_draws_stay_in_their_ranges_and_fill_them():
    seen: dict[str, list[float]] = {"angle": [], "scale": [], "shear": []}
    x = np.zeros((1, 1, 3, 3), np.float32)

    def spy(angle, factor, shear):
        seen["angle"].append(float(np.rad2deg(angle[0])))
        seen["scale"].append(float(factor[0]))
        seen["shear"].append(float(np.rad2deg(shear[0])))
        return affine_matrix(angle, factor, shear)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("descend.data.transforms.affine.affine_matrix", spy)
        for i in range(300):
            RandomAffine(20, scale=(0.8, 1.4), shear=5).change(x, Draws(0, 0, np.array([i])))
    for name, low, high in (("angle", -20, 20), ("scale", 0.8, 1.4), ("shear", -5, 5)):
        assert low <= min(seen[name]) < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < max(seen[name]) <= high


def test_shifts_are_parts_of_width_and_height():
    x = np.zeros((200, 1, 10, 20), np.float32)
    x[:, :, 5, 10] = 1
    made = RandomAffine(translate=(0.25, 0.0)).change(x, Draws(0, 0, np.arange(200)))
    assert np.allclose(made.sum(axis=(1, 3))[:, 5], made.sum(axis=(1, 2, 3)), atol=1e-5), "nothing moves up or down"
    columns = (made[:, 0, 5] * np.arange(20)).sum(axis=1)
    assert columns.min() < 6
    assert columns.max() > 14
    assert np.abs(columns - 10).max() <= 5 + 1e-4


def test_nothing_asked_for_nothing_done():
    x = rng.integers(0, 256, (3, 1, 5, 6), np.uint8)
    assert np.array_equal(RandomAffine().change(x, Draws(0, 0, np.arange(3))), x)
