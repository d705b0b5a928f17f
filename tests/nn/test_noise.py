from __future__ import annotations

import numpy as np
import pytest

from descend import nn
from descend.engine import Generator

N = 40_000


def test_added_noise_has_its_mean_and_deviation():
    noise = nn.GaussianNoise(0.3, generator=Generator(1))(np.full(N, 5.0)).numpy() - 5
    assert abs(noise.mean()) < 5 * 0.3 / N**0.5
    assert abs(noise.std() - 0.3) < 0.01


@pytest.mark.parametrize("p", [0.2, 0.5])
def test_multiplied_noise_has_the_mean_and_the_variance_of_dropout(p):
    ones = np.ones(N)
    for layer in (nn.GaussianDropout(p, generator=Generator(2)), nn.Dropout(p, generator=Generator(2))):
        y = layer(ones).numpy()
        assert abs(y.mean() - 1) < 5 * (p / (1 - p) / N) ** 0.5
        assert abs(y.var() - p / (1 - p)) < 0.05


@pytest.mark.parametrize(
    "layer", [nn.GaussianNoise(0.3), nn.GaussianDropout(0.3), nn.GaussianNoise(0), nn.GaussianDropout(0)]
)
def test_in_use_or_without_noise_nothing_changes(layer):
    x = np.arange(3.0)
    assert (layer if getattr(layer, "p", getattr(layer, "std", 1)) == 0 else layer.eval())(x) is x
