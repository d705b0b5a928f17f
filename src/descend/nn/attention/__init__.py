"""Attention, the transformer's layers, and encodings of position."""

from descend.nn.attention.heads import MultiheadAttention
from descend.nn.attention.positions import (
    LearnedPositionalEncoding,
    RotaryPositionalEncoding,
    SinusoidalPositionalEncoding,
    rotary,
    sinusoids,
)
from descend.nn.attention.scaled import causal_mask, scaled_dot_product_attention
from descend.nn.attention.transformer import (
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)
from descend.nn.attention.whole import Transformer

__all__ = [
    "LearnedPositionalEncoding", "MultiheadAttention", "RotaryPositionalEncoding", "SinusoidalPositionalEncoding",
    "Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder", "TransformerEncoderLayer",
    "causal_mask", "rotary", "scaled_dot_product_attention", "sinusoids",
]  # fmt: skip
