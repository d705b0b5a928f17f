"""How weights begin. A layer's outputs should keep the size of its inputs, or deep networks fade or explode.

`fan_in` is how many numbers each output is a sum of; `fan_out` how many outputs each input reaches. A layer that
has been made begins anew with `layer.weight.write(init.he_normal(layer.weight.shape))`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from descend.engine import Generator, ShapeError, Tensor, UsageError, default_generator
from descend.engine.dtypes import DEFAULT
from descend.engine.errors import unknown_name
from descend.nn import checks
from descend.nn.elsewhere import INITIALISERS

Shape = tuple[int, ...]


def fans(shape: Shape) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight (out, in, *kernel). Raises: ShapeError for fewer than two axes."""
    if len(shape) < 2:
        raise ShapeError("fans need a weight of two axes or more", given=str(shape), needed="(out, in, ...)")
    taps = int(np.prod(shape[2:], dtype=np.int64))
    return shape[1] * taps, shape[0] * taps


def uniform(shape: Shape, bound: float, generator: Generator | None = None, dtype: Any = DEFAULT) -> Tensor:
    """Uniform on [-bound, bound)."""
    return (generator or default_generator()).uniform(shape, -bound, bound, dtype)


def normal(shape: Shape, std: float = 1.0, generator: Generator | None = None, dtype: Any = DEFAULT) -> Tensor:
    """Normal with mean 0 and standard deviation `std`."""
    return (generator or default_generator()).normal(shape, 0.0, std, dtype)


def glorot_uniform(shape: Shape, generator: Generator | None = None, gain: float = 1.0) -> Tensor:
    """Uniform with variance 2 gain² / (fan_in + fan_out): for tanh. Source: Glorot and Bengio 2010, Eq. 16."""
    fan_in, fan_out = fans(shape)
    return uniform(shape, gain * (6.0 / (fan_in + fan_out)) ** 0.5, generator)


def glorot_normal(shape: Shape, generator: Generator | None = None, gain: float = 1.0) -> Tensor:
    """Normal with variance 2 gain² / (fan_in + fan_out): for tanh. Source: Glorot and Bengio 2010, Eq. 12."""
    fan_in, fan_out = fans(shape)
    return normal(shape, gain * (2.0 / (fan_in + fan_out)) ** 0.5, generator)


def he_uniform(
    shape: Shape, generator: Generator | None = None, gain: float = 2.0**0.5, mode: str = "fan_in"
) -> Tensor:
    """Uniform with variance gain² / fan_in, by default 2 / fan_in: for ReLU; or `mode="fan_out"`.

    Source: He et al. 2015, arXiv:1502.01852, Eq. 10.
    """
    return uniform(shape, gain * (3.0 / _fan(shape, mode)) ** 0.5, generator)


def he_normal(shape: Shape, generator: Generator | None = None, gain: float = 2.0**0.5, mode: str = "fan_in") -> Tensor:
    """Normal with variance gain² / fan_in, by default 2 / fan_in: for ReLU; or `mode="fan_out"`.

    Source: He et al. 2015, arXiv:1502.01852, Eq. 10.
    """
    return normal(shape, gain * (1.0 / _fan(shape, mode)) ** 0.5, generator)


def _fan(shape: Shape, mode: str) -> int:
    return fans(shape)[("fan_in", "fan_out").index(checks.one_of("init", "mode", mode, ("fan_in", "fan_out")))]


def lecun_uniform(shape: Shape, generator: Generator | None = None) -> Tensor:
    """Uniform with variance 1 / (3 fan_in), bound 1 / sqrt(fan_in): PyTorch's linear and convolutional layers."""
    return uniform(shape, fans(shape)[0] ** -0.5, generator)


def lecun_normal(shape: Shape, generator: Generator | None = None) -> Tensor:
    """Normal with variance 1 / fan_in. Source: LeCun et al. 1998, "Efficient BackProp", Eq. 16."""
    return normal(shape, fans(shape)[0] ** -0.5, generator)


_GAINS: dict[str, float] = {
    "linear": 1.0, "identity": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": 2.0**0.5, "selu": 0.75,
}  # fmt: skip


def gain(nonlinearity: str, negative_slope: float = 0.01) -> float:
    """By how much weights are to be larger because of the activation behind them: PyTorch's `calculate_gain`.

    1 for linear, identity and sigmoid, 5/3 for tanh, √2 for relu, √(2 / (1 + negative_slope²)) for leaky_relu, 3/4
    for selu. Raises: UsageError for another name.
    """
    if nonlinearity == "leaky_relu":
        return float((2 / (1 + negative_slope**2)) ** 0.5)
    return _GAINS[checks.one_of("gain", "nonlinearity", nonlinearity, (*_GAINS, "leaky_relu"))]


def truncated_normal(
    shape: Shape, std: float = 1.0, generator: Generator | None = None, *, low: float = -2.0, high: float = 2.0
) -> Tensor:
    """Normal with mean 0, drawn again where it lies outside [low, high], which are in units of `std`.

    Raises: UsageError for limits between which less than one draw in a thousand falls.
    Differs: from PyTorch's `trunc_normal_`, whose limits are absolute.
    """
    inside = (math.erf(high / 2**0.5) - math.erf(low / 2**0.5)) / 2
    if inside < 1e-3:
        raise UsageError(
            "hardly any normal number lies between these limits", given=f"low={low}, high={high}",
            needed="low < high, around 0", fix="the limits are in standard deviations: low=-2, high=2",
        )  # fmt: skip
    stream = generator or default_generator()
    found = np.zeros(0, np.float32)
    wanted = math.prod(shape)
    while found.size < wanted:
        drawn = stream.normal((int((wanted - found.size) / inside) + 8,)).numpy()
        found = np.concatenate([found, drawn[(low <= drawn) & (drawn <= high)]])
    return Tensor(found[:wanted].reshape(shape) * np.float32(std))


def orthogonal(shape: Shape, generator: Generator | None = None, gain: float = 1.0) -> Tensor:
    """A random matrix with orthonormal rows or columns (the shorter of both), times gain; axes from 1 on are merged.

    It keeps lengths, and so do the products of many. Source: Saxe et al. 2013, arXiv:1312.6120.
    Raises: ShapeError for fewer than two axes.
    """
    fans(shape)
    rows, columns = shape[0], math.prod(shape[1:])
    drawn = (
        (generator or default_generator()).normal((max(rows, columns), min(rows, columns)), dtype=np.float64).numpy()
    )
    q, r = np.linalg.qr(drawn)
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)  # makes it uniform among all such matrices
    return Tensor((gain * (q if rows >= columns else q.T)).reshape(shape).astype(DEFAULT))


def sparse(shape: Shape, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """A normal matrix in whose every column a random part, `sparsity` of it (rounded up), is 0.

    Raises: ShapeError unless there are two axes, UsageError for a sparsity outside [0, 1].
    Source: Martens 2010, "Deep learning via Hessian-free optimization", section 5.
    """
    if len(shape) != 2:
        raise ShapeError(
            "a sparse weight is a matrix", given=str(shape), needed="(out, in)", fix="reshape it afterwards"
        )
    stream = generator or default_generator()
    weight = stream.normal(shape, 0.0, std).numpy().copy()
    zeros = math.ceil(checks.between("sparse", "sparsity", sparsity, 0, 1) * shape[0])
    for column in range(shape[1]):
        weight[stream.permutation(shape[0])[:zeros], column] = 0
    return Tensor(weight)


def constant(shape: Shape, value: float, dtype: Any = DEFAULT) -> Tensor:
    """One number everywhere."""
    return Tensor(np.full(shape, value, dtype))


def eye(shape: Shape, dtype: Any = DEFAULT) -> Tensor:
    """The identity matrix, cut or filled up to `shape`: a linear layer that hands on its input. Raises: ShapeError."""
    if len(shape) != 2:
        raise ShapeError(
            "the identity is a matrix", given=str(shape), needed="(out, in)", fix="dirac is for convolutions"
        )
    return Tensor(np.eye(*shape, dtype=dtype))


def dirac(shape: Shape, groups: int = 1, dtype: Any = DEFAULT) -> Tensor:
    """Kernels with a 1 in their middle, from channel i to channel i: a convolution that hands on its input.

    Raises: ShapeError unless shape is (out, in, *kernel) with groups dividing out.
    """
    if len(shape) < 3 or shape[0] % groups:
        raise ShapeError(
            "an identity of channels needs kernels", given=f"{shape}, {groups} groups", needed="(out, in, *kernel)",
            fix="eye is for linear layers",
        )  # fmt: skip
    weight, each = np.zeros(shape, dtype), shape[0] // groups
    middle = tuple(k // 2 for k in shape[2:])
    for group in range(groups):
        for channel in range(min(each, shape[1])):
            weight[(group * each + channel, channel, *middle)] = 1
    return Tensor(weight)


def ones(shape: Shape, dtype: Any = DEFAULT) -> Tensor:
    """All ones: for scales."""
    return constant(shape, 1.0, dtype)


def zeros(shape: Shape, dtype: Any = DEFAULT) -> Tensor:
    """All zeros: for biases."""
    return Tensor(np.zeros(shape, dtype))


def __getattr__(name: str) -> Any:
    ours = INITIALISERS.get(name, "")
    known = [word for word, f in globals().items() if word.islower() and getattr(f, "__module__", "") == __name__]
    written = f"layer.weight.write(init.{ours}(layer.weight.shape))" if name.endswith("_") else ours
    raise unknown_name(__name__, name, known, {name: written} if ours else None)
