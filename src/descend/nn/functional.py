"""Layers without parameters of their own as functions, under PyTorch's names: for `forward` methods written that way.

Differs: what PyTorch calls `dim` is `axis`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

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
    pixel_shuffle,
    pixel_unshuffle,
    relu,
    sigmoid,
    softmax,
    softplus,
    tanh,
    unfold,
)  # fmt: skip
from descend.nn.activations import Mish, silu
from descend.nn.adaptive import AdaptiveAvgPool2d
from descend.nn.attention import scaled_dot_product_attention
from descend.nn.dropout import Dropout
from descend.nn.feature_pool import GLU
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
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    nll_loss,
    pairwise_distance,
    poisson_nll_loss,
    smooth_l1_loss,
    soft_margin_loss,
    triplet_margin_loss,
)  # fmt: skip
from descend.nn.padding import pad
from descend.nn.pool import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from descend.nn.rectifiers import ELU, SELU, Hardswish, LeakyReLU

Size = int | tuple[int, ...]
logsigmoid = log_sigmoid  # PyTorch's spelling


def linear(x: Any, weight: Any, bias: Any = None) -> Tensor:
    """x Wᵀ + b. Shapes: x (..., in), weight (out, in), bias (out,); result (..., out)."""
    return as_tensor(x) @ as_tensor(weight).T if bias is None else ops.affine(x, weight, bias)


def conv2d(
    x: Any, weight: Any, bias: Any = None, stride: Size = 1, padding: Size | str = 0, dilation: Size = 1,
    groups: int = 1,
) -> Tensor:  # fmt: skip
    """As `nn.Conv2d`. Shapes: x (n, c, h, w), weight (out, c / groups, kh, kw), bias (out,)."""
    return _convolved(ops.conv2d, x, weight, bias, (stride, padding, dilation), groups)


def conv1d(
    x: Any, weight: Any, bias: Any = None, stride: Size = 1, padding: Size | str = 0, dilation: Size = 1,
    groups: int = 1,
) -> Tensor:  # fmt: skip
    """As `nn.Conv1d`. Shapes: x (n, c, t), weight (out, c / groups, k), bias (out,)."""
    return _convolved(ops.conv1d, x, weight, bias, (stride, padding, dilation), groups)


def conv3d(
    x: Any, weight: Any, bias: Any = None, stride: Size = 1, padding: Size | str = 0, dilation: Size = 1,
    groups: int = 1,
) -> Tensor:  # fmt: skip
    """As `nn.Conv3d`. Shapes: x (n, c, d, h, w), weight (out, c / groups, kd, kh, kw), bias (out,)."""
    return _convolved(ops.conv3d, x, weight, bias, (stride, padding, dilation), groups)


def conv_transpose2d(
    x: Any, weight: Any, bias: Any = None, stride: Size = 1, padding: Size = 0, output_padding: Size = 0,
    groups: int = 1,
) -> Tensor:  # fmt: skip
    """As `nn.ConvTranspose2d`. Shapes: x (n, c, h, w), weight (c, out / groups, kh, kw), bias (out,).

    Differs: from PyTorch in having no `dilation`; the layer has it.
    """
    weight = as_tensor(weight)
    window = ops.sliding(weight.shape[2:], stride, padding)
    return _biased(ops.conv_transpose2d(x, weight, window, output_padding=output_padding, groups=groups), bias)


def _convolved(
    operation: Callable[..., Tensor], x: Any, weight: Any, bias: Any, window: tuple[Any, Any, Any], groups: int
) -> Tensor:
    """`window`: stride, padding and dilation."""
    weight = as_tensor(weight)
    return _biased(operation(x, weight, ops.sliding(weight.shape[2:], *window), groups=groups), bias)


def _biased(y: Tensor, bias: Any) -> Tensor:
    return y if bias is None else y + as_tensor(bias).reshape(-1, *(1,) * (y.ndim - 2))


def max_pool1d(x: Any, kernel_size: int, stride: int | None = None, padding: int = 0) -> Tensor:
    """As `nn.MaxPool1d`."""
    return MaxPool1d(kernel_size, stride, padding)(x)  # type: ignore[no-any-return]


def avg_pool1d(x: Any, kernel_size: int, stride: int | None = None, padding: int = 0) -> Tensor:
    """As `nn.AvgPool1d`."""
    return AvgPool1d(kernel_size, stride, padding)(x)  # type: ignore[no-any-return]


def adaptive_avg_pool2d(x: Any, output_size: Any) -> Tensor:
    """As `nn.AdaptiveAvgPool2d`."""
    return AdaptiveAvgPool2d(output_size)(x)  # type: ignore[no-any-return]


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


def selu(x: Any) -> Tensor:
    """As `nn.SELU`."""
    return SELU()(x)  # type: ignore[no-any-return]


def mish(x: Any) -> Tensor:
    """As `nn.Mish`."""
    return Mish()(x)  # type: ignore[no-any-return]


def hardswish(x: Any) -> Tensor:
    """As `nn.Hardswish`."""
    return Hardswish()(x)  # type: ignore[no-any-return]


def glu(x: Any, axis: int = -1) -> Tensor:
    """As `nn.GLU`."""
    return GLU(axis)(x)  # type: ignore[no-any-return]


def normalize(x: Any, p: float = 2.0, axis: int = 1, eps: float = 1e-12) -> Tensor:
    """x / max(p-norm along `axis`, eps)."""
    return ops.div(x, ops.maximum(ops.norm(x, p, axis, keepdims=True), eps))


def one_hot(labels: Any, num_classes: int = -1) -> Tensor:
    """`ops.one_hot` as int64; -1: as many classes as the largest label needs."""
    labels = as_tensor(labels)
    return ops.one_hot(labels, int(labels.numpy().max()) + 1 if num_classes == -1 else num_classes, np.int64)


__all__ = [
    "adaptive_avg_pool2d", "affine_grid", "avg_pool1d", "avg_pool2d", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "conv1d", "conv2d", "conv3d", "conv_transpose2d", "cosine_embedding_loss",
    "cosine_similarity", "cross_entropy", "ctc_loss", "dropout", "elu", "embedding", "fold", "gaussian_nll_loss",
    "gelu", "glu", "grid_sample", "hardswish", "hinge_embedding_loss", "huber_loss", "interpolate", "kl_div",
    "l1_loss", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "logsigmoid", "margin_ranking_loss", "max_pool1d",
    "max_pool2d", "mish", "mse_loss", "multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss",
    "nll_loss", "normalize", "one_hot", "pad", "pairwise_distance", "pixel_shuffle", "pixel_unshuffle",
    "poisson_nll_loss", "relu", "scaled_dot_product_attention", "selu", "sigmoid", "silu", "smooth_l1_loss",
    "soft_margin_loss", "softmax", "softplus", "tanh", "triplet_margin_loss", "unfold",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    from descend import nn

    # The layer that such a function would be: layer_norm is LayerNorm.
    layer = next((layer for layer in nn.__all__ if layer.lower() == name.replace("_", "")), None)
    raise unknown_name(__name__, name, __all__, {name: f"nn.{layer} is the layer"} if layer else None)
