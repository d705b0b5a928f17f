"""How weights begin. A layer's outputs should keep the size of its inputs, or deep networks fade or explode.

`fan_in` is how many numbers each output is a sum of; `fan_out` how many outputs each input reaches. A layer that
has been made begins anew with `layer.weight.write(init.he_normal(layer.weight.shape))`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine import Generator, ShapeError, Tensor, default_generator
from descend.engine.dtypes import DEFAULT

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


def glorot_uniform(shape: Shape, generator: Generator | None = None) -> Tensor:
    """Uniform with variance 2 / (fan_in + fan_out): for tanh. Source: Glorot and Bengio 2010, Eq. 16."""
    fan_in, fan_out = fans(shape)
    return uniform(shape, (6.0 / (fan_in + fan_out)) ** 0.5, generator)


def glorot_normal(shape: Shape, generator: Generator | None = None) -> Tensor:
    """Normal with variance 2 / (fan_in + fan_out): for tanh. Source: Glorot and Bengio 2010, Eq. 12."""
    fan_in, fan_out = fans(shape)
    return normal(shape, (2.0 / (fan_in + fan_out)) ** 0.5, generator)


def he_uniform(shape: Shape, generator: Generator | None = None) -> Tensor:
    """Uniform with variance 2 / fan_in: for ReLU. Source: He et al. 2015, arXiv:1502.01852, Eq. 10."""
    return uniform(shape, (6.0 / fans(shape)[0]) ** 0.5, generator)


def he_normal(shape: Shape, generator: Generator | None = None) -> Tensor:
    """Normal with variance 2 / fan_in: for ReLU. Source: He et al. 2015, arXiv:1502.01852, Eq. 10."""
    return normal(shape, (2.0 / fans(shape)[0]) ** 0.5, generator)


def lecun_uniform(shape: Shape, generator: Generator | None = None) -> Tensor:
    """Uniform with variance 1 / (3 fan_in), bound 1 / sqrt(fan_in): PyTorch's linear and convolutional layers."""
    return uniform(shape, fans(shape)[0] ** -0.5, generator)


def lecun_normal(shape: Shape, generator: Generator | None = None) -> Tensor:
    """Normal with variance 1 / fan_in. Source: LeCun et al. 1998, "Efficient BackProp", Eq. 16."""
    return normal(shape, fans(shape)[0] ** -0.5, generator)


def zeros(shape: Shape, dtype: Any = DEFAULT) -> Tensor:
    """All zeros: for biases."""
    return Tensor(np.zeros(shape, dtype))
