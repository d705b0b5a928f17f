"""Pooling by a factor that is no whole number, over windows of random places."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine import Generator, ShapeError, Tensor, UsageError, as_tensor, default_generator, ops
from descend.engine.dtypes import DEFAULT
from descend.nn import checks
from descend.nn.module import Module


class _FractionalMaxPool(Module):
    """Maxima over windows whose steps vary; `FractionalMaxPool2d` says what the settings mean."""

    d = 2

    def __init__(
        self, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, *, generator: Generator | None = None
    ) -> None:
        name = type(self).__name__
        self.kernel = checks.sizes(name, "kernel_size", kernel_size, self.d)
        if (output_size is None) == (output_ratio is None):
            raise UsageError(
                f"{name} needs to know how small", given=f"output_size={output_size!r}, output_ratio={output_ratio!r}",
                needed="one of the two", fix="output_ratio=0.7 keeps seven places of ten",
            )  # fmt: skip
        self.output_size = None if output_size is None else checks.sizes(name, "output_size", output_size, self.d)
        ratios = output_ratio if isinstance(output_ratio, (tuple, list)) else (output_ratio,) * self.d
        self.output_ratio = None if output_ratio is None else tuple(_ratio(name, ratio) for ratio in ratios)
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        """The largest value in each window."""
        x = as_tensor(x)
        lengths = self._lengths(x.shape)
        shape = (*x.shape[:2], self.d)
        dtype = x.dtype if x.dtype.kind == "f" else DEFAULT
        u = ops.full(shape, 0.5, dtype)
        if self.training:
            u = (self.generator or default_generator()).uniform(shape, dtype=dtype)
        for a in range(self.d):
            x = self._along(x, a, lengths[a], u[..., a])
        return x

    def _along(self, x: Tensor, a: int, length: int, u: Tensor) -> Tensor:
        """Pooled along axis a of the image. A maximum over windows is one over each axis in turn."""
        starts = _starts(u[..., None], x.shape[2 + a], self.kernel[a], length)
        windows = [ops.take_along_axis(x, _placed(starts + tap, x.ndim, a), 2 + a) for tap in range(self.kernel[a])]
        return ops.max(ops.stack(windows), 0)

    def _lengths(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The size of the result. Raises: ShapeError for what is no image, or too small a one."""
        old = shape[2:]
        new = self.output_size or tuple(int(n * ratio) for n, ratio in zip(old, self.output_ratio or (), strict=False))
        fits = len(shape) == self.d + 2 and all(
            m > 0 and m + k - 1 <= n for n, m, k in zip(old, new, self.kernel, strict=True)
        )
        if not fits:
            raise ShapeError(
                "these windows do not fit the image", given=f"{shape}, windows {self.kernel}, result {new}",
                needed="(n, c, ...) with output_size + kernel_size - 1 places or more", fix="a larger image or ratio",
            )  # fmt: skip
        return new

    def described(self) -> str:
        """The window, and how small the result is."""
        size = f"output_size={self.output_size}" if self.output_size else f"output_ratio={self.output_ratio}"
        return f"kernel {self.kernel}, {size}"


def _starts(u: Tensor, n: int, k: int, m: int) -> Tensor:
    """Where m windows of k places begin among n: steps of the same length on average, the last window at the end.

    start[i] = floor((i + u) a) - floor(u a),   a = (n - k) / (m - 1)
    """
    step = (n - k) / (m - 1) if m > 1 else 0.0
    i = np.arange(m, dtype=u.dtype)
    starts = (ops.floor((u + i) * step) - ops.floor(u * step)).to(np.int64)
    return ops.where(i == m - 1, n - k, starts)


def _placed(places: Tensor, ndim: int, a: int) -> Tensor:
    """Places (n, c, m) as indices along axis a of the image, of which the other axes have length 1."""
    return places.reshape(*places.shape[:2], *(places.shape[2] if i == a else 1 for i in range(ndim - 2)))


def _ratio(layer: str, ratio: Any) -> float:
    if isinstance(ratio, float) and 0 < ratio < 1:
        return ratio
    raise UsageError(f"{layer} keeps a part of the places", given=f"output_ratio={ratio!r}", needed="0 < ratio < 1")


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest value in each of overlapping windows, as many as the result is to have; random in training.

    Args:
        output_size: the size of the result; or output_ratio: that size as a part of the image's, between 0 and 1.

    Shapes: (n, c, h, w) to (n, c, *output_size). Each example and channel has windows of its own in training.
    Raises: UsageError for settings, ShapeError for an image without room for the windows.
    Source: Graham 2014, arXiv:1412.6071, section 2.
    Differs: from PyTorch in windows that are the same in every use (u = 1/2), and in giving no indices.
    """


class FractionalMaxPool3d(_FractionalMaxPool):
    """As `FractionalMaxPool2d`, of volumes (n, c, d, h, w)."""

    d = 3
