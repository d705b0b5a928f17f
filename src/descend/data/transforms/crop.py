"""Parts of pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.data.checks import Array, whole
from descend.data.draws import Draws
from descend.data.transforms.compose import RandomTransform
from descend.engine.errors import ShapeError


@dataclass(frozen=True)
class RandomCrop(RandomTransform):
    """A window of `size` x `size` pixels anywhere in the picture with `padding` pixels of `fill` around it.

    With the size of the picture itself it shifts by up to `padding` pixels each way.
    Raises ShapeError where the window is larger than the padded picture.
    """

    size: int
    padding: int = 0
    fill: float = 0.0

    def __post_init__(self) -> None:
        whole(self.size, "size", 1)
        whole(self.padding, "padding", 0)

    def change(self, x: Array, draws: Draws) -> Array:
        edge = (self.padding, self.padding)
        padded = np.pad(x, ((0, 0), (0, 0), edge, edge), constant_values=self.fill)
        height, width = _room(padded, self.size)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (self.size, self.size), axis=(2, 3))
        words = draws.uniform(2)
        top, left = (words * (height + 1, width + 1)).astype(np.int64).T
        return windows[np.arange(len(x)), :, top, left]


def center_crop(x: Array, size: int) -> Array:
    """The middle `size` x `size` pixels; one pixel nearer to the top and left where there is no middle.

    x: shape (n, c, h, w). Raises ShapeError where the picture is smaller.
    """
    top, left = (room // 2 for room in _room(x, size))
    return x[:, :, top : top + size, left : left + size]


def _room(x: Array, size: int) -> tuple[int, int]:
    """By how many pixels the picture is higher and wider than the window."""
    height, width = x.shape[2] - size, x.shape[3] - size
    if size < 1 or height < 0 or width < 0:
        raise ShapeError(
            "the window does not fit into the picture",
            given=f"a window of {size} x {size} pixels in {x.shape[2]} x {x.shape[3]}",
            needed="a window of 1 pixel up to the picture with its padding",
        )
    return height, width
