"""Encodings of position: attention by itself does not know in which order things came."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Generator, ShapeError, Tensor, UsageError, as_tensor, ops
from descend.engine.tensor import from_numpy
from descend.nn import checks, init
from descend.nn.module import Module, Parameter
from descend.nn.precision import like


def sinusoids(t: int, d: int, base: float = 10_000.0) -> NDArray[np.float64]:
    """p[i, 2j] = sin(i / base^(2j/d)), p[i, 2j+1] = cos of the same. Shape (t, d).

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
    """
    angles = _angles(t, d + d % 2, base)
    return np.stack([np.sin(angles), np.cos(angles)], -1).reshape(t, -1)[:, :d]


def _angles(t: int, d: int, base: float) -> NDArray[np.float64]:
    return np.arange(t)[:, None] * base ** (-np.arange(0, d, 2) / d)


def rotary(x: Any, base: float = 10_000.0, axis: int = -2) -> Tensor:
    """Each pair of features turned by an angle that grows with the place: i / base^(2j/d) for pair j at place i.

    The product of a turned query and a turned key depends on the distance of their places only.
    Shapes: x (..., t, d) with even d; places are along `axis`; result as x. Raises: ShapeError.
    Source: Su et al. 2021, arXiv:2104.09864, Eq. 34.
    """
    x = as_tensor(x)
    d = x.shape[-1] if x.ndim > 1 else 1
    if d % 2:
        raise ShapeError(
            "features are turned in pairs", given=str(x.shape), needed="(..., t, d) with even d",
            fix="apply it to queries and keys, head by head",
        )  # fmt: skip
    places = [1] * (x.ndim - 1)
    places[axis if axis >= 0 else axis + 1] = x.shape[axis]
    angles = _angles(x.shape[axis], d, base).reshape(*places, d // 2)
    cos, sin = (from_numpy(f(angles).astype(x.dtype)) for f in (np.cos, np.sin))
    even, odd = x[..., ::2], x[..., 1::2]
    return ops.stack([even * cos - odd * sin, even * sin + odd * cos], -1).reshape(x.shape)


class _Positions(Module):
    """What knows of places along an axis of time."""

    batch_first: bool

    def _length(self, x: Tensor, d: int, longest: float) -> int:
        t = x.shape[1 if self.batch_first else 0] if x.ndim > 2 else x.shape[0] if x.ndim == 2 else 0
        if x.ndim < 2 or x.shape[-1] != d or t > longest:
            raise ShapeError(
                "the sequence does not fit the encoding", given=str(x.shape),
                needed=("(n, t, {})" if self.batch_first else "(t, n, {})").format(d)
                + ("" if longest == np.inf else f", t up to {longest}"),
                fix="batch_first=True reads (n, t, d)",
            )  # fmt: skip
        return t

    def _along_time(self, encoding: Tensor, x: Tensor) -> Tensor:
        return encoding if self.batch_first or x.ndim == 2 else encoding.reshape(encoding.shape[0], 1, -1)


class SinusoidalPositionalEncoding(_Positions):
    """x + `sinusoids`: fixed waves of many lengths, for sequences of any length.

    Shapes: x (t, n, d_model), or (n, t, d_model) if batch_first, or without n; result as x. Raises: ShapeError.
    """

    def __init__(self, d_model: int, *, batch_first: bool = False) -> None:
        checks.counts("SinusoidalPositionalEncoding", d_model=d_model)
        self.d_model, self.batch_first = d_model, batch_first

    def forward(self, x: Tensor) -> Tensor:
        """The sequence with its places' encodings added."""
        x = as_tensor(x)
        waves = sinusoids(self._length(x, self.d_model, np.inf), self.d_model).astype(x.dtype)
        return x + self._along_time(from_numpy(waves), x)

    def described(self) -> str:
        """The features."""
        return str(self.d_model)


class LearnedPositionalEncoding(_Positions):
    """x + weight[place]: a learned vector for each place.

    Shapes: x (t, n, d_model), or (n, t, d_model) if batch_first, or without n; weight (max_len, d_model), which
    begins normal with standard deviation 0.02. Raises: ShapeError for a sequence longer than max_len.
    Source: Gehring et al. 2017, arXiv:1705.03122.
    """

    def __init__(
        self, max_len: int, d_model: int, *, batch_first: bool = False, generator: Generator | None = None
    ) -> None:
        checks.counts("LearnedPositionalEncoding", max_len=max_len, d_model=d_model)
        self.weight, self.batch_first = Parameter(init.normal((max_len, d_model), 0.02, generator)), batch_first

    def forward(self, x: Tensor) -> Tensor:
        """The sequence with its places' vectors added."""
        x = like(self.weight, x)
        longest, d = self.weight.shape
        return x + self._along_time(self.weight[: self._length(x, d, longest)], x)

    def described(self) -> str:
        """The places and the features."""
        return "{} x {}".format(*self.weight.shape)


class RotaryPositionalEncoding(Module):
    """`rotary` as a module, for queries and keys (..., t, d)."""

    def __init__(self, base: float = 10_000.0) -> None:
        if not checks.number("RotaryPositionalEncoding", "base", base) > 1:
            raise UsageError("the wavelengths grow from pair to pair", given=f"base={base}", needed="base > 1")
        self.base = float(base)

    def forward(self, x: Tensor) -> Tensor:
        """The pairs of features, turned."""
        return rotary(x, self.base)

    def described(self) -> str:
        """The ratio of the longest wavelength to the shortest."""
        return f"base={self.base:g}"
