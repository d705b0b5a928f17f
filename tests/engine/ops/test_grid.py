"""Spatial transformers' sampling, against PyTorch's."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch.nn.functional as F

from descend.engine import UsageError, ops
from tests.engine.ops.agreement import agrees, real, same
from tests.engine.ops.refusal import check_refused

corners = pytest.mark.parametrize("corners", [False, True])


@corners
@pytest.mark.filterwarnings("ignore:Since version 1.3.0")
@pytest.mark.parametrize("size", [(2, 1, 3, 4), (1, 3, 1, 5), (3, 2, 1, 1)])
def test_grids_of_affine_maps(size: tuple[int, ...], corners: bool) -> None:
    agrees(
        lambda theta: ops.affine_grid(theta, size, corners),
        lambda theta: F.affine_grid(theta, list(size), align_corners=corners), real(size[0], 2, 3),
    )  # fmt: skip


@corners
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("padding", ["zeros", "border"])
def test_sampling(mode: str, padding: str, corners: bool) -> None:
    """Places well inside, on the rim, and far beside the image; none on the line between two pixels."""
    x, grid = real(2, 3, 4, 5), real(2, 6, 7, 2, seed=3) * 0.8
    agrees(
        lambda x, grid: ops.grid_sample(x, grid, mode, padding, corners),
        lambda x, grid: F.grid_sample(x, grid, mode, padding, corners), x, grid,
    )  # fmt: skip


@corners
def test_the_identity_gives_the_image_back(corners: bool) -> None:
    x = real(2, 3, 4, 5)
    theta = np.broadcast_to(np.eye(2, 3), (2, 2, 3))
    same(ops.grid_sample(x, ops.affine_grid(theta, x.shape, corners), align_corners=corners), x)


@pytest.mark.parametrize("call", [
    lambda: ops.affine_grid(real(2, 3), (1, 1, 2, 2)), lambda: ops.affine_grid(real(1, 2, 3), (2, 1, 2, 2)),
    lambda: ops.affine_grid(real(1, 2, 3), (1, 2, 2)), lambda: ops.grid_sample(real(1, 1, 2, 2), real(1, 2, 2, 3)),
    lambda: ops.grid_sample(real(1, 1, 2, 2), real(2, 2, 2, 2)), lambda: ops.grid_sample(real(1, 2, 2), real(1, 2, 2, 2)),
])  # fmt: skip
def test_what_does_not_fit_is_refused(call: Any) -> None:
    check_refused(call)


@pytest.mark.parametrize("options", [{"mode": "bicubic"}, {"padding_mode": "zero"}])
def test_unknown_ways_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        ops.grid_sample(real(1, 1, 2, 2), real(1, 2, 2, 2), **options)
    assert caught.value.needed
