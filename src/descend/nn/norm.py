"""Batch normalisation."""

from __future__ import annotations

import numpy as np

from descend.engine import ShapeError, Tensor, as_tensor, no_grad, ops
from descend.nn import checks
from descend.nn.module import Buffer, Module, Parameter


class _BatchNorm(Module):
    """y = weight * (x - mean) / sqrt(variance + eps) + bias, per channel.

    In training, mean and variance are the batch's, and running averages of them are kept:
    average <- (1 - momentum) average + momentum new. In use mean and variance are those averages. The running
    variance is the unbiased one, the normalising variance the biased one, as in PyTorch.

    Raises: ShapeError for another number of channels, and in training for one value a channel (its variance is 0).
    Source: Ioffe and Szegedy 2015, arXiv:1502.03167, Algorithms 1 and 2.
    Differs: from PyTorch in counting no batches (`num_batches_tracked`): the momentum is fixed.
    """

    axes: tuple[str, ...] = ()

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        name = type(self).__name__
        checks.counts(name, num_features=num_features)
        self.eps = checks.between(name, "eps", eps, 0, 1)
        self.momentum = checks.between(name, "momentum", momentum, 0, 1)
        self.weight = Parameter(np.ones(num_features, np.float32))
        self.bias = Parameter(np.zeros(num_features, np.float32))
        self.running_mean = Buffer(np.zeros(num_features, np.float32))
        self.running_var = Buffer(np.ones(num_features, np.float32))

    def forward(self, x: Tensor) -> Tensor:
        """Normalised, scaled and shifted."""
        x = as_tensor(x)
        checks.channels(type(self).__name__, x.shape, self.weight.shape[0], self.axes)
        per_channel = (1, -1, *(1,) * (x.ndim - 2))
        if self.training:
            centred, variance = self._batch(x)
        else:
            variance = self.running_var.reshape(per_channel)
            centred = x - self.running_mean.reshape(per_channel)
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
        with no_grad():
            self._move(self.running_mean, mean)
            self._move(self.running_var, variance * (n / (n - 1)))
        return centred, variance

    def _move(self, average: Buffer, new: Tensor) -> None:
        moved = average * (1 - self.momentum) + new.reshape(-1) * self.momentum
        average.write(moved.to(average.dtype))

    def described(self) -> str:
        """The number of channels."""
        return f"{self.weight.shape[0]}"


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of features (n, c). Differs: from PyTorch in not taking (n, c, t)."""

    axes = ("n", "c")


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of images (n, c, h, w)."""

    axes = ("n", "c", "h", "w")
