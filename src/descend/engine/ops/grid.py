"""Sampling images at places that are themselves computed: what a spatial transformer does.

Source: Jaderberg et al. 2015, arXiv:1506.02025, Eqs. 1 to 5. Places are (x, y) from -1 to 1 across the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from descend.engine.errors import ShapeError, UsageError, near_miss
from descend.engine.ops.elementwise import clip, floor, round, where
from descend.engine.ops.linalg import matmul
from descend.engine.ops.movement import permute, reshape
from descend.engine.primitive import promote
from descend.engine.tensor import Tensor, box


def affine_grid(theta: Any, size: Sequence[int], align_corners: bool = False) -> Tensor:
    """The places that an affine map sends each pixel of the result to.

    grid[n, i, j] = theta[n] @ (x_j, y_i, 1), where x_j, y_i are the centres of the pixels of an image of `size`.

    Shapes: theta (n, 2, 3), size (n, c, h, w); result (n, h, w, 2). Raises: ShapeError.
    """
    (theta,) = promote((theta,), floating=True)
    if len(size) != 4 or theta.shape != (size[0], 2, 3):
        raise ShapeError(
            "an affine map of images is a matrix (2, 3) an image", given=f"theta {theta.shape}, size {tuple(size)}",
            needed="theta (n, 2, 3), size (n, c, h, w)", fix="one matrix for all images: theta.expand(n, 2, 3)",
        )  # fmt: skip
    n, _, h, w = size
    y, x = np.meshgrid(_centres(h, align_corners), _centres(w, align_corners), indexing="ij")
    points = np.stack([x, y, np.ones_like(x)]).reshape(3, h * w).astype(theta.dtype)
    return reshape(permute(matmul(theta, box(points, None)), (0, 2, 1)), (n, h, w, 2))


def _centres(n: int, align_corners: bool) -> Any:
    if align_corners:
        return np.linspace(-1.0, 1.0, n) if n > 1 else np.zeros(1)
    return (2 * np.arange(n) + 1) / n - 1


def grid_sample(
    x: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool = False
) -> Tensor:
    """The image at the places of a grid: y[n, c, i, j] = x[n, c] at grid[n, i, j], between four pixels.

    Args:
        mode: "bilinear", or "nearest" (whose gradient in the grid is 0).
        padding_mode: beside the image are "zeros", or the "border" goes on.
        align_corners: -1 and 1 are the centres of the outermost pixels; otherwise their outer edges.

    Shapes: x (n, c, h, w), grid (n, oh, ow, 2) of (x, y); result (n, c, oh, ow). Raises: ShapeError, UsageError.
    """
    _check_word("mode", mode, ("bilinear", "nearest"))
    _check_word("padding_mode", padding_mode, ("zeros", "border"))
    x, grid = promote((x, grid), floating=True)
    if x.ndim != 4 or grid.ndim != 4 or grid.shape[3] != 2 or grid.shape[0] != x.shape[0]:
        raise ShapeError(
            "a grid names a place (x, y) for each pixel of the result", given=f"x {x.shape}, grid {grid.shape}",
            needed="x (n, c, h, w), grid (n, oh, ow, 2)", fix="make it with affine_grid",
        )  # fmt: skip
    h, w = x.shape[2:]
    col, row = _pixels(grid[..., 0], w, align_corners), _pixels(grid[..., 1], h, align_corners)
    if padding_mode == "border":
        col, row = clip(col, 0, w - 1), clip(row, 0, h - 1)
    if mode == "nearest":
        return _at(x, round(row).detach(), round(col).detach())
    top, left = floor(row).detach(), floor(col).detach()
    down, right = row - top, col - left
    corners = (
        _weighted(_at(x, top, left), (1 - down) * (1 - right)), _weighted(_at(x, top, left + 1), (1 - down) * right),
        _weighted(_at(x, top + 1, left), down * (1 - right)), _weighted(_at(x, top + 1, left + 1), down * right),
    )  # fmt: skip
    return corners[0] + corners[1] + corners[2] + corners[3]


def _check_word(name: str, word: str, options: tuple[str, ...]) -> None:
    if word not in options:
        raise UsageError(
            f"there is no {name} {word!r}", given=repr(word), needed=" or ".join(options),
            fix=near_miss(word, options) or "leave it out",
        )  # fmt: skip


def _pixels(place: Tensor, n: int, align_corners: bool) -> Tensor:
    """A place from -1 to 1 in pixels, 0 being the centre of the first."""
    return (place + 1) * ((n - 1) / 2) if align_corners else ((place + 1) * n - 1) * 0.5


def _weighted(pixels: Tensor, weight: Tensor) -> Tensor:
    return pixels * weight[:, None]


def _at(x: Tensor, row: Tensor, col: Tensor) -> Tensor:
    """The pixels (n, c, oh, ow) at whole rows and columns (n, oh, ow); 0 beside the image."""
    n, _, h, w = x.shape
    inside = ((row >= 0) & (row < h)) & ((col >= 0) & (col < w))
    rows, cols = (clip(place, 0, m - 1).to(np.int64) for place, m in ((row, h), (col, w)))
    images = box(np.arange(n)[:, None, None], None)
    return where(inside[:, None], permute(x[images, :, rows, cols], (0, 3, 1, 2)), 0)
