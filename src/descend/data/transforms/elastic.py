"""Pictures on rubber."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.data.checks import Array, number
from descend.data.draws import Draws
from descend.data.transforms.compose import RandomTransform
from descend.data.transforms.gaussian import smoothed
from descend.data.transforms.interpolate import bilinear
from descend.engine.errors import UsageError


@dataclass(frozen=True)
class ElasticTransform(RandomTransform):
    """Every pixel moved by a smooth random field: alpha times uniform [-1, 1] smoothed by a Gaussian of width sigma.

    alpha, sigma in pixels; large sigma with large alpha bends, small sigma roughens.
    Source: Simard, Steinkraus, Platt 2003, "Best practices for convolutional neural networks", section 2; their
    values for digits of 28 x 28 pixels are the defaults.
    """

    alpha: float = 34.0
    sigma: float = 4.0
    fill: float = 0.0

    def __post_init__(self) -> None:
        number(self.alpha, "alpha", 0)
        if self.sigma <= 0:
            raise UsageError("sigma is out of range", given=f"sigma = {self.sigma}", needed="a width above 0")

    def change(self, x: Array, draws: Draws) -> Array:
        h, w = x.shape[2:]
        field = self.alpha * smoothed(draws.uniform(2, h, w, low=-1.0, high=1.0), self.sigma)
        return bilinear(x, field[:, 0] + np.arange(h)[:, None], field[:, 1] + np.arange(w), self.fill)
