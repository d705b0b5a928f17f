"""Functions across features: maxout and its relatives, and the gated linear unit."""

from __future__ import annotations

from descend.engine import ShapeError, Tensor, as_tensor, ops
from descend.nn import checks
from descend.nn.module import Module


class FeaturePool(Module):
    """Neighbouring features pooled: pool_size of them along `axis` become one, their max, mean or l2 norm.

    Shapes: (n, c, ...) to (n, c / pool_size, ...) for axis 1.
    Raises: ShapeError where pool_size does not divide the axis, UsageError for another `mode`.
    """

    def __init__(self, pool_size: int, axis: int = 1, mode: str = "max") -> None:
        name = type(self).__name__
        checks.counts(name, pool_size=pool_size)
        self.pool_size, self.axis = pool_size, axis
        self.mode = checks.one_of(name, "mode", mode, ("max", "mean", "l2"))

    def forward(self, x: Tensor) -> Tensor:
        """One number for each group of features."""
        x = as_tensor(x)
        place = _divisible(x, self.axis, self.pool_size)
        groups = x.reshape(*x.shape[:place], -1, self.pool_size, *x.shape[place + 1 :])
        if self.mode == "l2":
            return ops.norm(groups, 2, place + 1)
        return groups.max(place + 1) if self.mode == "max" else groups.mean(place + 1)

    def described(self) -> str:
        """The size of a group, and what becomes of it."""
        return f"{self.pool_size}, axis={self.axis}, mode={self.mode!r}"


class Maxout(FeaturePool):
    """The largest of every pool_size neighbouring features: a learned convex activation after a linear layer.

    Shapes: (n, c, ...) to (n, c / pool_size, ...). Raises: ShapeError where pool_size does not divide c.
    Source: Goodfellow et al. 2013, arXiv:1302.4389.
    """

    def __init__(self, pool_size: int = 2, axis: int = 1) -> None:
        super().__init__(pool_size, axis, "max")

    def described(self) -> str:
        """The size of a group."""
        return f"{self.pool_size}, axis={self.axis}"


class GLU(Module):
    """a / (1 + exp(-b)), where a and b are the first and the second half of x along `axis`.

    Shapes: the axis is halved. Raises: ShapeError for an odd length.
    Source: Dauphin et al. 2016, arXiv:1612.08083, Eq. 1.
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """The first half, let through by the second."""
        x = as_tensor(x)
        place = _divisible(x, self.axis, 2)
        half = x.shape[place] // 2
        before = (slice(None),) * place
        return x[(*before, slice(half))] * ops.sigmoid(x[(*before, slice(half, None))])

    def described(self) -> str:
        """The axis that is halved."""
        return f"axis={self.axis}"


class CReLU(Module):
    """max(x, 0) beside max(-x, 0) along `axis`: what a rectifier would throw away is kept in features of its own.

    Shapes: the axis is doubled. Raises: ShapeError for an axis that is not there.
    Source: Shang et al. 2016, arXiv:1603.05201, Definition 2.1.
    """

    def __init__(self, axis: int = 1) -> None:
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """Both halves of every feature."""
        x = as_tensor(x)
        return ops.concat([ops.relu(x), ops.relu(-x)], _divisible(x, self.axis, 1))

    def described(self) -> str:
        """The axis that is doubled."""
        return f"axis={self.axis}"


def _divisible(x: Tensor, axis: int, size: int) -> int:
    """The place of the axis, counted from 0. Raises: ShapeError unless it is there and `size` divides it."""
    if not -x.ndim <= axis < x.ndim:
        raise ShapeError(
            f"there is no axis {axis}", given=str(x.shape), needed=f"an axis from {-x.ndim} to {x.ndim - 1}",
            fix="features (n, d) and images (n, c, h, w) have theirs on axis 1",
        )  # fmt: skip
    if x.shape[axis] % size:
        raise ShapeError(
            f"{size} must divide the features that are taken together", given=f"{x.shape[axis]} in {x.shape}",
            needed=f"a multiple of {size}", fix=f"let the layer before give {x.shape[axis] // size * size + size}",
        )  # fmt: skip
    return axis % x.ndim
