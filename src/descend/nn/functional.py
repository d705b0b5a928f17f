"""Layers without parameters of their own as functions, under PyTorch's names: for `forward` methods written that way.

Differs: what PyTorch calls `dim` is `axis`.
"""

from __future__ import annotations

from typing import Any

from descend.engine import Tensor, as_tensor, ops
from descend.engine.errors import unknown_name
from descend.engine.ops import (
    affine_grid,
    fold,
    gelu,
    grid_sample,
    interpolate,
    log_sigmoid,
    log_softmax,
    one_hot,
    pad,
    pixel_shuffle,
    pixel_unshuffle,
    relu,
    sigmoid,
    softmax,
    softplus,
    tanh,
    unfold,
)  # fmt: skip
from descend.nn.activations import silu
from descend.nn.attention import scaled_dot_product_attention
from descend.nn.dropout import Dropout
from descend.nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_embedding_loss,
    cosine_similarity,
    cross_entropy,
    ctc_loss,
    gaussian_nll_loss,
    hinge_embedding_loss,
    huber_loss,
    kl_div,
    l1_loss,
    margin_ranking_loss,
    mse_loss,
    multi_margin_loss,
    nll_loss,
    pairwise_distance,
    poisson_nll_loss,
    smooth_l1_loss,
    soft_margin_loss,
    triplet_margin_loss,
)  # fmt: skip
from descend.nn.pool import AvgPool2d, MaxPool2d
from descend.nn.rectifiers import ELU, LeakyReLU

Size = int | tuple[int, int]
logsigmoid = log_sigmoid  # PyTorch's spelling


def linear(x: Any, weight: Any, bias: Any = None) -> Tensor:
    """x Wᵀ + b. Shapes: x (..., in), weight (out, in), bias (out,); result (..., out)."""
    return as_tensor(x) @ as_tensor(weight).T if bias is None else ops.affine(x, weight, bias)


def conv2d(
    x: Any, weight: Any, bias: Any = None, stride: Size = 1, padding: Size | str = 0, dilation: Size = 1,
    groups: int = 1,
) -> Tensor:  # fmt: skip
    """As `nn.Conv2d`. Shapes: x (n, c, h, w), weight (out, c / groups, kh, kw), bias (out,)."""
    weight = as_tensor(weight)
    window = ops.sliding(weight.shape[2:], stride, padding, dilation)
    y = ops.conv2d(x, weight, window, groups=groups)
    return y if bias is None else y + as_tensor(bias)[:, None, None]


def max_pool2d(x: Any, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> Tensor:
    """As `nn.MaxPool2d`."""
    return MaxPool2d(kernel_size, stride, padding)(x)  # type: ignore[no-any-return]


def avg_pool2d(x: Any, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> Tensor:
    """As `nn.AvgPool2d`."""
    return AvgPool2d(kernel_size, stride, padding)(x)  # type: ignore[no-any-return]


def dropout(x: Any, p: float = 0.5, training: bool = True) -> Tensor:
    """As `nn.Dropout`; give it `self.training`."""
    return Dropout(p)(x) if training else as_tensor(x)


def embedding(indices: Any, weight: Any) -> Tensor:
    """The rows of a table. Shapes: indices (...), weight (n, d); result (..., d)."""
    return as_tensor(weight)[as_tensor(indices)]


def leaky_relu(x: Any, negative_slope: float = 0.01) -> Tensor:
    """As `nn.LeakyReLU`."""
    return LeakyReLU(negative_slope)(x)  # type: ignore[no-any-return]


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """As `nn.ELU`."""
    return ELU(alpha)(x)  # type: ignore[no-any-return]


__all__ = [
    "affine_grid", "avg_pool2d", "binary_cross_entropy", "binary_cross_entropy_with_logits", "conv2d",
    "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "ctc_loss", "dropout", "elu", "embedding", "fold",
    "gaussian_nll_loss", "gelu", "grid_sample", "hinge_embedding_loss", "huber_loss", "interpolate", "kl_div",
    "l1_loss", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "logsigmoid", "margin_ranking_loss", "max_pool2d",
    "mse_loss", "multi_margin_loss", "nll_loss", "one_hot", "pad", "pairwise_distance", "pixel_shuffle",
    "pixel_unshuffle", "poisson_nll_loss", "relu", "scaled_dot_product_attention", "sigmoid", "silu", "smooth_l1_loss",
    "soft_margin_loss", "softmax", "softplus", "tanh", "triplet_margin_loss", "unfold",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    from descend import nn

    # The layer that such a function would be: layer_norm is LayerNorm.
    layer = next((layer for layer in nn.__all__ if layer.lower() == name.replace("_", "")), None)
    raise unknown_name(__name__, name, __all__, {name: f"nn.{layer} is the layer"} if layer else None)
