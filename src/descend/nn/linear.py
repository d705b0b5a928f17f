"""The linear layer."""

from __future__ import annotations

from descend.engine import Generator, Tensor, ops
from descend.nn import checks, init
from descend.nn.module import Module, Parameter


class Linear(Module):
    """y = x Wᵀ + b.

    Shapes: x (..., in_features); weight (out_features, in_features), bias (out_features,); y (..., out_features).
    Weights begin uniform on ±1/sqrt(in_features), as in PyTorch; `init` has others.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *, generator: Generator | None = None) -> None:
        checks.counts("Linear", in_features=in_features, out_features=out_features)
        self.weight = Parameter(init.lecun_uniform((out_features, in_features), generator))
        self.bias = Parameter(init.uniform((out_features,), in_features**-0.5, generator)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """x Wᵀ + b."""
        if self.bias is None:
            return ops.matmul(x, self.weight.T)
        return ops.affine(x, self.weight, self.bias)

    def described(self) -> str:
        """in -> out."""
        return f"{self.weight.shape[1]} -> {self.weight.shape[0]}" + ("" if self.bias is not None else ", no bias")
