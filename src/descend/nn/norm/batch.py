"""Batch normalisation."""

from __future__ import annotations

import numpy as np

from descend.engine import ShapeError, Tensor, as_tensor, no_grad, ops
from descend.nn import checks
from descend.nn.module import Buffer, Module, Parameter
from descend.nn.precision import like


class _BatchNorm(Module):
    """y = weight * (x - mean) / sqrt(variance + eps) + bias, per channel.

    In training, mean and variance are the batch's, and running averages of them are kept:
    average <- (1 - momentum) average + momentum new. In use mean and variance are those averages. The running
    variance is the unbiased one, the normalising variance the biased one, as in PyTorch.

    Args:
        affine: learn `weight` and `bias`; otherwise they are 1 and 0.
        track_running_stats: keep the running averages; otherwise the batch's own statistics are used always.

    Raises: ShapeError for another number of channels, and in training for one value a channel (its variance is 0).
    Source: Ioffe and Szegedy 2015, arXiv:1502.03167, Algorithms 1 and 2.
    Differs: from PyTorch in counting no batches (`num_batches_tracked`): the momentum is fixed.
    """

    layouts: tuple[tuple[str, ...], ...] = ()

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:  # fmt: skip
        name = type(self).__name__
        checks.counts(name, num_features=num_features)
        self.eps = checks.between(name, "eps", eps, 0, 1)
        self.momentum = checks.between(name, "momentum", momentum, 0, 1)
        self.num_features = num_features
        self.weight = Parameter(np.ones(num_features, np.float32)) if affine else None
        self.bias = Parameter(np.zeros(num_features, np.float32)) if affine else None
        self.running_mean = Buffer(np.zeros(num_features, np.float32)) if track_running_stats else None
        self.running_var = Buffer(np.ones(num_features, np.float32)) if track_running_stats else None

    def forward(self, x: Tensor) -> Tensor:
        """Normalised, scaled and shifted."""
        cell = self.running_mean if self.weight is None else self.weight
        x = as_tensor(x) if cell is None else like(cell, x)
        axes = next((layout for layout in self.layouts if len(layout) == x.ndim), self.layouts[0])
        checks.channels(type(self).__name__, x.shape, self.num_features, axes)
        per_channel = (1, -1, *(1,) * (x.ndim - 2))
        if self.training or self.running_mean is None or self.running_var is None:
            centred, variance = self._batch(x)
        else:
            variance = self.running_var.reshape(per_channel)
            centred = x - self.running_mean.reshape(per_channel)
        if self.weight is None or self.bias is None:
            return centred / ops.sqrt(variance + self.eps)
        scale = self.weight.reshape(per_channel) / ops.sqrt(variance + self.eps)
        return centred * scale + self.bias.reshape(per_channel)

    def _batch(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The deviations from the batch's mean and their mean square; the running averages are moved."""
        axes = (0, *range(2, x.ndim))
        n = x.size // x.shape[1]
        if n < 2:
            raise ShapeError(
                "one value a channel has no variance to normalise by", given=f"shape {x.shape}",
                needed="two values a channel", fix="use a batch of at least 2, or model.eval() when predicting",
            )  # fmt: skip
        mean = x.mean(axes, keepdims=True)
        centred = x - mean
        variance = (centred * centred).mean(axes, keepdims=True)
        if self.training and self.running_mean is not None and self.running_var is not None:
            with no_grad():
                self._move(self.running_mean, mean)
                self._move(self.running_var, variance * (n / (n - 1)))
        return centred, variance

    def _move(self, average: Buffer, new: Tensor) -> None:
        moved = average * (1 - self.momentum) + new.reshape(-1) * self.momentum
        average.write(moved.to(average.dtype))

    def described(self) -> str:
        """The number of channels."""
        flags = {"affine": self.weight is not None, "track_running_stats": self.running_mean is not None}
        return ", ".join([str(self.num_features), *(f"{name}=False" for name, on in flags.items() if not on)])


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of features (n, c) or sequences (n, c, t)."""

    layouts = (("n", "c"), ("n", "c", "t"))


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of images (n, c, h, w)."""

    layouts = (("n", "c", "h", "w"),)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of volumes (n, c, d, h, w)."""

    layouts = (("n", "c", "d", "h", "w"),)
