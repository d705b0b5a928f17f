"""Local response normalisation, across neighbouring channels."""

from __future__ import annotations

from functools import reduce
from operator import add

from descend.engine import ShapeError, Tensor, as_tensor, ops
from descend.nn import checks
from descend.nn.module import Module


class LocalResponseNorm(Module):
    """x / (k + alpha / size * the sum of x² over `size` neighbouring channels)^beta.

    The channels from c - size // 2 to c + (size - 1) // 2 are c's neighbours. Shapes: (n, c, ...), y as x.
    Raises: ShapeError for an input without channels.
    Source: Krizhevsky et al. 2012, "ImageNet classification with deep convolutional neural networks", section 3.3.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        checks.counts("LocalResponseNorm", size=size)
        self.size, self.alpha = size, checks.number("LocalResponseNorm", "alpha", alpha)
        self.beta, self.k = (
            checks.number("LocalResponseNorm", name, value) for name, value in (("beta", beta), ("k", k))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Each channel divided by a power of its neighbourhood's energy."""
        x = as_tensor(x)
        if x.ndim < 3:
            raise ShapeError(
                "neighbouring channels are those of images or sequences", given=str(x.shape), needed="(n, c, ...)",
                fix="add an axis of places with x[..., None]",
            )  # fmt: skip
        c, around = x.shape[1], ((self.size // 2), (self.size - 1) // 2)
        squares = ops.pad(ops.square(x), ((0, 0), around, *((0, 0),) * (x.ndim - 2)))
        energy = reduce(add, [squares[:, i : i + c] for i in range(self.size)])
        return x / (self.k + energy * (self.alpha / self.size)) ** self.beta

    def described(self) -> str:
        """The settings."""
        return f"{self.size}, alpha={self.alpha:g}, beta={self.beta:g}, k={self.k:g}"
