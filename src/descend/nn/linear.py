"""The linear layer."""

from __future__ import annotations

from typing import Any

from descend.engine import Generator, ShapeError, Tensor, ops
from descend.nn import checks, init
from descend.nn.module import Module, Parameter
from descend.nn.precision import like


class Linear(Module):
    """y = x Wᵀ + b.

    Shapes: x (..., in_features); weight (out_features, in_features), bias (out_features,);
    y (..., out_features). Weights begin uniform on ±1/sqrt(in_features), as in PyTorch; `init` has others.
    Raises: ShapeError for another number of features, DtypeError for floats of another width than the weights.
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, generator: Generator | None = None
    ) -> None:
        checks.counts("Linear", in_features=in_features, out_features=out_features)
        self.weight = Parameter(init.lecun_uniform((out_features, in_features), generator))
        self.bias = Parameter(init.uniform((out_features,), in_features**-0.5, generator)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """The affine map x Wᵀ + b."""
        x = like(self.weight, x)
        if self.bias is not None:
            return ops.affine(x, self.weight, self.bias)
        return ops.matmul(self._fitting(x), self.weight.T)

    def _fitting(self, x: Tensor) -> Tensor:
        if x.shape[-1:] != self.weight.shape[1:]:
            raise ShapeError(
                "the input does not fit the layer", given=f"x {x.shape}, weight {self.weight.shape}",
                needed=f"x (..., {self.weight.shape[1]})",
                fix="flatten images first, or build the layer for this number of features",
            )  # fmt: skip
        return x

    def multiply_adds(self, inputs: tuple[Any, ...], y: Any) -> int:  # noqa: ARG002
        """Each output is a sum over the features in."""
        return int(y.size * self.weight.shape[1])

    def described(self) -> str:
        """The features in and out."""
        text = f"{self.weight.shape[1]} -> {self.weight.shape[0]}"
        return text if self.bias is not None else f"{text}, no bias"
