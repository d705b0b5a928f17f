"""Normalisation of each example's groups of channels; of each channel by itself."""

from __future__ import annotations

import numpy as np

from descend.engine import ShapeError, Tensor, UsageError, as_tensor
from descend.nn import checks
from descend.nn.module import Module, Parameter
from descend.nn.norm.standardize import standardized
from descend.nn.precision import like


class GroupNorm(Module):
    """y = weight * (x - mean) / sqrt(variance + eps) + bias, over each example's groups of neighbouring channels.

    Shapes: x (n, num_channels, ...), weight and bias (num_channels,), y as x.
    Raises: UsageError where num_groups does not divide num_channels, ShapeError for another number of channels.
    Source: Wu and He 2018, arXiv:1803.08494, Eqs. 1 to 7.
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True) -> None:
        checks.counts("GroupNorm", num_groups=num_groups, num_channels=num_channels)
        if num_channels % num_groups:
            raise UsageError(
                "the groups of GroupNorm are of equal size", given=f"{num_groups} groups of {num_channels} channels",
                needed="num_groups that divides num_channels", fix="GroupNorm(1, c) has one group, GroupNorm(c, c) c",
            )  # fmt: skip
        self.num_groups, self.num_channels = num_groups, num_channels
        self.eps = checks.between("GroupNorm", "eps", eps, 0, 1)
        self.weight = Parameter(np.ones(num_channels, np.float32)) if affine else None
        self.bias = Parameter(np.zeros(num_channels, np.float32)) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        """Normalised, scaled and shifted."""
        x = as_tensor(x) if self.weight is None else like(self.weight, x)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ShapeError(
                "the input does not fit the layer", given=str(x.shape), needed=f"(n, {self.num_channels}, ...)",
                fix="channels are on axis 1",
            )  # fmt: skip
        y = standardized(x.reshape(x.shape[0], self.num_groups, -1), (2,), self.eps).reshape(x.shape)
        return _scaled(y, self.weight, self.bias)

    def described(self) -> str:
        """The numbers of groups and channels."""
        text = f"{self.num_groups}, {self.num_channels}"
        return text if self.weight is not None else f"{text}, affine=False"


def _scaled(y: Tensor, weight: Parameter | None, bias: Parameter | None) -> Tensor:
    if weight is None or bias is None:
        return y
    per_channel = (1, -1, *(1,) * (y.ndim - 2))
    return y * weight.reshape(per_channel) + bias.reshape(per_channel)


class _InstanceNorm(Module):
    """y = (x - mean) / sqrt(variance + eps), over the places of each channel of each example.

    With `affine` it is then scaled and shifted by a learned `weight` and `bias` (num_features,).
    Raises: ShapeError for another number of channels, and for channels of one value (its variance is 0).
    Source: Ulyanov et al. 2016, arXiv:1607.08022, Eq. 3.
    Differs: from PyTorch in keeping no running averages: `momentum` and `track_running_stats` are not there.
    """

    axes: tuple[str, ...] = ()

    def __init__(self, num_features: int, eps: float = 1e-5, *, affine: bool = False) -> None:
        name = type(self).__name__
        checks.counts(name, num_features=num_features)
        self.num_features, self.eps = num_features, checks.between(name, "eps", eps, 0, 1)
        self.weight = Parameter(np.ones(num_features, np.float32)) if affine else None
        self.bias = Parameter(np.zeros(num_features, np.float32)) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        """Normalised; scaled and shifted if affine."""
        x = as_tensor(x) if self.weight is None else like(self.weight, x)
        checks.channels(type(self).__name__, x.shape, self.num_features, self.axes)
        places = x.size // max(x.shape[0] * x.shape[1], 1)
        if places < 2 and x.size:
            raise ShapeError(
                "one value a channel has no variance to normalise by", given=f"shape {x.shape}",
                needed="two places at least", fix="normalise before pooling to one place",
            )  # fmt: skip
        return _scaled(standardized(x, tuple(range(2, x.ndim)), self.eps), self.weight, self.bias)

    def described(self) -> str:
        """The number of channels."""
        return str(self.num_features) if self.weight is None else f"{self.num_features}, affine=True"


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of sequences (n, c, t)."""

    axes = ("n", "c", "t")


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of images (n, c, h, w)."""

    axes = ("n", "c", "h", "w")


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of volumes (n, c, d, h, w)."""

    axes = ("n", "c", "d", "h", "w")
