"""Brightness, contrast, saturation and hue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.data.checks import Array
from descend.data.draws import Draws, Floats
from descend.data.transforms.compose import RandomTransform
from descend.data.transforms.scale import scaled
from descend.data.transforms.yuv import RGB_TO_YUV, YUV_TO_RGB
from descend.engine.errors import ShapeError, UsageError


@dataclass(frozen=True)
class ColorJitter(RandomTransform):
    """Random brightness, contrast, saturation and hue of colour pictures with values in [0, 1].

    Each factor is uniform in [max(0, 1 - s), 1 + s] for the strength s: brightness times x, contrast times the distance
    from the mean luma of the picture, saturation times the distance from the pixel's own luma. The hue turns by
    uniform [-hue, hue] of a full circle, hue at most 0.5.
    All four are linear in the colour of a pixel, so one 3 x 3 matrix and one offset do them at once.
    x: floats, shape (b, 3, h, w). Raises DtypeError for bytes, ShapeError for other channels.
    Differs: from PyTorch in the order, which is fixed and not random; in the hue, which turns the chroma of YUV and so
    leaves the luma alone; and in that values are clipped to [0, 1] once, at the end.
    """

    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0

    def __post_init__(self) -> None:
        strengths = self.brightness, self.contrast, self.saturation, self.hue
        if min(strengths) < 0 or self.hue > 0.5:
            raise UsageError(
                "a strength is out of range", given=f"{self}", needed="0 or more, and a hue of at most 0.5"
            )

    def change(self, x: Array, draws: Draws) -> Array:
        x = scaled(x, "ColorJitter")
        if x.shape[1] != 3:
            raise ShapeError("ColorJitter takes colours", given=f"{x.shape[1]} channels", needed="3: red, green, blue")
        u = draws.uniform(4, low=-1.0, high=1.0)
        bright, contrast, saturation = (
            np.maximum(1 + s * u[:, i], 0) for i, s in enumerate((self.brightness, self.contrast, self.saturation))
        )
        matrix = _chroma(saturation, 2 * np.pi * self.hue * u[:, 3]) * (bright * contrast)[:, None, None]
        middle = bright * np.einsum("c,bchw->b", RGB_TO_YUV[0], x) / (x.shape[2] * x.shape[3])
        moved = matrix @ x.reshape(len(x), 3, -1) + ((1 - contrast) * middle)[:, None, None]
        return np.asarray(np.clip(moved, 0, 1), np.float32).reshape(x.shape)


def _chroma(saturation: Floats, angle: Floats) -> Floats:
    """The matrices that scale the chroma and turn it. Shape (b, 3, 3)."""
    turn = np.zeros((len(angle), 3, 3), np.float32)
    turn[:, 0, 0] = 1
    turn[:, 1, 1] = turn[:, 2, 2] = saturation * np.cos(angle)
    turn[:, 1, 2], turn[:, 2, 1] = -saturation * np.sin(angle), saturation * np.sin(angle)
    return np.asarray(YUV_TO_RGB @ turn @ RGB_TO_YUV, np.float32)
