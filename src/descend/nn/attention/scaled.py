"""Scaled dot-product attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine import (
    DtypeError,
    Generator,
    ShapeError,
    Tensor,
    UsageError,
    as_tensor,
    default_generator,
    ops,
)  # fmt: skip
from descend.engine.tensor import from_numpy


def causal_mask(t: int, s: int | None = None) -> Tensor:
    """True where a later place would be seen: above the diagonal. Shape (t, s); True hides, as in PyTorch's layers.

    Differs: from `Transformer.generate_square_subsequent_mask`, which writes 0 and -inf.
    """
    return from_numpy(np.triu(np.ones((t, t if s is None else s), bool), 1))


def scaled_dot_product_attention(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None,
) -> Tensor:  # fmt: skip
    """softmax(query keyᵀ / √d) value: each query's mean of the values, weighed by how well it fits their keys.

    Args:
        attn_mask: what is added to the scores; or of bools, True where a key may be seen. Broadcast to (..., t, s).
        dropout_p: probability with which weights are dropped, always: it is the caller who knows of training.
        is_causal: query i sees keys 0 to i only.
        scale: the factor instead of 1/√d.

    Shapes: query (..., t, d), key (..., s, d), value (..., s, v); result (..., t, v). A query that may see nothing
    gets 0. Raises: ShapeError, DtypeError for a mask of integers, UsageError for one together with `is_causal`.
    Source: Vaswani et al. 2017, arXiv:1706.03762, Eq. 1.
    """
    if is_causal and attn_mask is not None:
        raise UsageError(
            "one mask at a time", given="attn_mask and is_causal=True", needed="one of them",
            fix="hide later places in the mask itself: mask & ~causal_mask(t)",
        )  # fmt: skip
    query, key, value = as_tensor(query), as_tensor(key), as_tensor(value)
    if is_causal:
        attn_mask = ops.logical_not(causal_mask(query.shape[-2], key.shape[-2]))
    weights = attention_weights(query, key, attn_mask, scale)
    return ops.matmul(_dropped(weights, dropout_p, None), value)


def attention_weights(query: Tensor, key: Tensor, mask: Any = None, scale: float | None = None) -> Tensor:
    """softmax(query keyᵀ scale) along the keys, which the mask hides or lets be seen.

    Raises: ShapeError, DtypeError for a mask of integers.
    """
    _check(query, key)
    factor = query.shape[-1] ** -0.5 if scale is None else scale
    scores = ops.matmul(query * factor, key.transpose(-1, -2))
    if mask is None:
        return ops.softmax(scores)
    mask = chosen_or_added(as_tensor(mask))
    try:
        np.broadcast_shapes(mask.shape, scores.shape)
    except ValueError:
        raise ShapeError(
            "the mask does not fit the scores", given=f"mask {mask.shape}, scores {scores.shape}",
            needed="a mask that broadcasts to (..., queries, keys)", fix="add an axis for the heads: mask[:, None]",
        ) from None  # fmt: skip
    if mask.dtype.kind != "b":
        return ops.softmax(scores + mask.to(scores.dtype))
    # A finite number for minus infinity: a row of nothing but those would be 0/0.
    hidden = float(np.finfo(scores.dtype).min) / 2
    return ops.where(mask, ops.softmax(ops.where(mask, scores, hidden)), 0)


def chosen_or_added(mask: Tensor) -> Tensor:
    """The mask, unless it holds integers: whether these choose or are added cannot be told. Raises: DtypeError."""
    if mask.dtype.kind in "iu":
        raise DtypeError(
            "a mask of integers can be meant in two ways", given=f"{mask.dtype}{mask.shape}",
            needed="bools, which choose, or floating-point numbers, which are added to the scores",
            fix="mask.to(bool), or mask.to(np.float32)",
        )  # fmt: skip
    return mask


def _check(query: Tensor, key: Tensor) -> None:
    if query.ndim < 2 or key.ndim < 2 or query.shape[-1] != key.shape[-1]:
        raise ShapeError(
            "queries and keys are compared feature by feature", given=f"query {query.shape}, key {key.shape}",
            needed="(..., t, d) and (..., s, d)", fix="project both to the same number of features",
        )  # fmt: skip


def _dropped(weights: Tensor, p: float, generator: Generator | None) -> Tensor:
    if p == 0:
        return weights
    kept = (generator or default_generator()).bernoulli(weights.shape, 1 - p)
    return weights * (kept.to(weights.dtype) * (1 / (1 - p)))


def attended(weights: Tensor, value: Tensor, p: float, generator: Generator | None) -> Tensor:
    """The mean of the values by these weights, of which some are dropped."""
    return ops.matmul(_dropped(weights, p, generator), value)
