"""Normalisation of each example by its own features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from descend.engine import ShapeError, Tensor, as_tensor, ops
from descend.nn import checks
from descend.nn.module import Module, Parameter
from descend.nn.norm.standardize import standardized
from descend.nn.precision import like

_EPSILON = {"float16": 2.0**-10, "float32": 2.0**-23, "float64": 2.0**-52}


class LayerNorm(Module):
    """y = weight * (x - mean) / sqrt(variance + eps) + bias, over the last axes, those of `normalized_shape`.

    Shapes: x (..., *normalized_shape), weight and bias normalized_shape, y as x.
    Raises: ShapeError for other last axes.
    Source: Ba et al. 2016, arXiv:1607.06450, Eq. 4.
    """

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float = 1e-5, elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:  # fmt: skip
        self.normalized_shape = checks.lengths("LayerNorm", "normalized_shape", normalized_shape)
        self.eps = checks.between("LayerNorm", "eps", eps, 0, 1)
        self.weight = Parameter(np.ones(self.normalized_shape, np.float32)) if elementwise_affine else None
        shifts = elementwise_affine and bias
        self.bias = Parameter(np.zeros(self.normalized_shape, np.float32)) if shifts else None

    def forward(self, x: Tensor) -> Tensor:
        """Normalised, scaled and shifted."""
        x = _fitting(x, self.weight, self.normalized_shape)
        y = standardized(x, tuple(range(-len(self.normalized_shape), 0)), self.eps)
        y = y if self.weight is None else y * self.weight
        return y if self.bias is None else y + self.bias

    def described(self) -> str:
        """The last axes."""
        return _described(self.normalized_shape, self.weight)


class RMSNorm(Module):
    """y = weight * x / sqrt(mean of x² + eps), over the last axes: LayerNorm without centring.

    Without an `eps` it is the distance from 1 to the next number of x's type, as in PyTorch.
    Shapes: as for `LayerNorm`. Raises: ShapeError for other last axes.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467, Eq. 4.
    """

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float | None = None, elementwise_affine: bool = True
    ) -> None:
        self.normalized_shape = checks.lengths("RMSNorm", "normalized_shape", normalized_shape)
        self.eps = None if eps is None else checks.between("RMSNorm", "eps", eps, 0, 1)
        self.weight = Parameter(np.ones(self.normalized_shape, np.float32)) if elementwise_affine else None

    def forward(self, x: Tensor) -> Tensor:
        """Scaled to a mean square of 1, then by the weight."""
        x = _fitting(x, self.weight, self.normalized_shape)
        axes = tuple(range(-len(self.normalized_shape), 0))
        eps = _EPSILON.get(str(x.dtype), _EPSILON["float32"]) if self.eps is None else self.eps
        y = x / ops.sqrt((x * x).mean(axes, keepdims=True) + eps)
        return y if self.weight is None else y * self.weight

    def described(self) -> str:
        """The last axes."""
        return _described(self.normalized_shape, self.weight)


def _described(shape: tuple[int, ...], weight: Parameter | None) -> str:
    text = str(shape[0] if len(shape) == 1 else shape)
    return text if weight is not None else f"{text}, elementwise_affine=False"


def _fitting(x: Any, weight: Parameter | None, shape: tuple[int, ...]) -> Tensor:
    tensor: Tensor = as_tensor(x) if weight is None else like(weight, x)
    if tensor.shape[-len(shape) :] == shape:
        return tensor
    raise ShapeError(
        "the input does not fit the layer", given=str(tensor.shape), needed=f"(..., {', '.join(map(str, shape))})",
        fix="normalized_shape names the last axes of the input, not the batch",
    )  # fmt: skip
