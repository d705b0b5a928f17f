"""The bilinear layer."""

from __future__ import annotations

from typing import Any

from descend.engine import Generator, ShapeError, Tensor, ops
from descend.nn import checks, init
from descend.nn.module import Module, Parameter
from descend.nn.precision import like


class Bilinear(Module):
    """y_k = x1ᵀ W_k x2 + b_k: every product of a feature of x1 and one of x2 is weighed.

    Shapes: x1 (..., in1_features), x2 (..., in2_features); weight (out_features, in1_features, in2_features),
    bias (out_features,); y (..., out_features). Weights begin uniform on ±1/sqrt(in1_features).
    Raises: ShapeError for other numbers of features, or leading axes that differ.
    """

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True,
        *, generator: Generator | None = None,
    ) -> None:  # fmt: skip
        checks.counts("Bilinear", in1_features=in1_features, in2_features=in2_features, out_features=out_features)
        bound = in1_features**-0.5
        self.weight = Parameter(init.uniform((out_features, in1_features, in2_features), bound, generator))
        self.bias = Parameter(init.uniform((out_features,), bound, generator)) if bias else None

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """The bilinear form of both."""
        x1, x2 = like(self.weight, x1), like(self.weight, x2)
        k, i, j = self.weight.shape
        if x1.shape[-1:] != (i,) or x2.shape[-1:] != (j,) or x1.shape[:-1] != x2.shape[:-1]:
            raise ShapeError(
                "the inputs do not fit the layer", given=f"{x1.shape} and {x2.shape}",
                needed=f"(..., {i}) and (..., {j}), the same leading axes", fix="take both from the same batch",
            )  # fmt: skip
        partly = ops.matmul(x1, self.weight.permute(1, 0, 2).reshape(i, k * j)).reshape(*x1.shape[:-1], k, j)
        y = ops.sum(partly * x2.reshape(*x2.shape[:-1], 1, j), -1)
        return y if self.bias is None else y + self.bias

    def multiply_adds(self, inputs: tuple[Any, ...], y: Any) -> int:  # noqa: ARG002
        """Each output is a sum over the features of x1, of sums over the features of x2."""
        _, i, j = self.weight.shape
        return int(y.size * (i + 1) * j)

    def described(self) -> str:
        """The features in and out."""
        k, i, j = self.weight.shape
        return f"{i} x {j} -> {k}" if self.bias is not None else f"{i} x {j} -> {k}, no bias"
