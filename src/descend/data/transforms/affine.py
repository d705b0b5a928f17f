"""Rotation, shift, scale and shear, all in one interpolation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array, number
from descend.data.draws import Draws
from descend.data.transforms.compose import RandomTransform
from descend.data.transforms.interpolate import bilinear
from descend.engine.errors import UsageError


@dataclass(frozen=True)
class RandomAffine(RandomTransform):
    """A random affine map about the middle of the picture; RandomAffine(15) rotates only.

    degrees: the rotation is uniform in [-degrees, degrees]. translate: largest shifts, as parts of width and height.
    scale: lowest and highest factor. shear: the horizontal shear is uniform in [-shear, shear] degrees.
    The picture is read at places between its pixels once, whatever the number of changes; `fill` comes from outside.
    """

    degrees: float = 0.0
    translate: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    shear: float = 0.0
    fill: float = 0.0

    def __post_init__(self) -> None:
        number(self.degrees, "degrees", 0)
        number(self.shear, "shear", 0, 89)
        for part in _pair(self.translate, "translate"):
            number(part, "a part of translate", 0, 1)
        low, high = _pair(self.scale, "scale")
        number(high, "the highest scale", number(low, "the lowest scale", 0.001))

    def change(self, x: Array, draws: Draws) -> Array:
        u = draws.uniform(5, low=-1.0, high=1.0).astype(np.float64)
        low, high = self.scale
        matrix = affine_matrix(
            np.deg2rad(self.degrees * u[:, 0]), (low + high) / 2 + (high - low) / 2 * u[:, 1],
            np.deg2rad(self.shear * u[:, 2]),
        )  # fmt: skip
        shift = u[:, 3:] * (self.translate[1] * x.shape[2], self.translate[0] * x.shape[3])
        return affine(x, matrix, shift, self.fill)


def _pair(given: Any, name: str) -> tuple[float, float]:
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise UsageError(f"{name} is two numbers", given=f"{name} = {given!r}", needed="like (0.1, 0.2)")
    return given[0], given[1]


def affine_matrix(angle: Array, factor: Array, shear: Array) -> NDArray[np.float64]:
    """The map factor R(angle) S(shear): where a place (row, column) goes, counted from the middle. Angles in radians.

    R turns anticlockwise as the picture is seen, S moves rows sideways by tan(shear) times their height.
    Each argument has shape (b,), the result (b, 2, 2).
    """
    cos, sin, tan = np.cos(angle), np.sin(angle), np.tan(shear)
    turn = np.array([[cos, -sin], [sin, cos]])
    slide = np.array([[np.ones_like(tan), np.zeros_like(tan)], [tan, np.ones_like(tan)]])
    return np.asarray(factor[:, None, None] * np.einsum("ijb,jkb->bik", turn, slide))


def affine(x: Array, matrix: Array, shift: Array, fill: float = 0.0) -> Array:
    """Each picture mapped by p -> matrix p + shift, p = (row, column) counted from its middle.

    x: shape (b, c, h, w). matrix: (b, 2, 2), invertible. shift: (b, 2), in pixels. The result: as x.
    """
    h, w = x.shape[2:]
    middle = np.array([(h - 1) / 2, (w - 1) / 2])
    places = np.stack(np.meshgrid(np.arange(h), np.arange(w), indexing="ij")).reshape(2, -1) - middle[:, None]
    # Where each pixel of the result comes from: the inverse map.
    origins = np.linalg.inv(matrix) @ (places - shift[:, :, None]) + middle[:, None]
    rows, columns = origins.reshape(-1, 2, h, w).transpose(1, 0, 2, 3)
    return bilinear(x, rows, columns, fill)
