"""The whole transformer: one sequence read, another one written."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from descend.engine import Tensor
from descend.nn import init
from descend.nn.attention.transformer import (
    _USUAL,
    Settings,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)
from descend.nn.module import Module
from descend.nn.norm import LayerNorm
from descend.nn.settings import chosen


class Masks(TypedDict, total=False):
    """What a place may not see."""

    src_mask: Any
    tgt_mask: Any
    memory_mask: Any
    src_key_padding_mask: Any
    tgt_key_padding_mask: Any
    memory_key_padding_mask: Any
    src_is_causal: bool
    tgt_is_causal: bool


_NO_MASKS = dict.fromkeys(Masks.__annotations__) | {"src_is_causal": False, "tgt_is_causal": False}


class Transformer(Module):
    """decoder(tgt, encoder(src)): `TransformerEncoder` and `TransformerDecoder`, each ended by a normalisation.

    Arguments: as for `TransformerEncoderLayer`; the masks are given by name. Matrices begin with Glorot's bound.
    Shapes: src (s, n, d_model), tgt (t, n, d_model), result as tgt. Parameters have PyTorch's names.
    Source: Vaswani et al. 2017, arXiv:1706.03762, Figure 1, without embeddings.
    Differs: from PyTorch in that what comes after dropout, and all masks, are given by name.
    """

    def __init__(
        self, d_model: int = 512, nhead: int = 8, num_encoder_layers: int = 6, num_decoder_layers: int = 6,
        dim_feedforward: int = 2048, dropout: float = 0.1, **settings: Unpack[Settings],
    ) -> None:  # fmt: skip
        found, sizes = chosen("Transformer", _USUAL, settings), (d_model, nhead, dim_feedforward, dropout)
        encoder, decoder = TransformerEncoderLayer(*sizes, **settings), TransformerDecoderLayer(*sizes, **settings)
        eps, bias = found["layer_norm_eps"], found["bias"]
        self.encoder = TransformerEncoder(encoder, num_encoder_layers, LayerNorm(d_model, eps, bias=bias))
        self.decoder = TransformerDecoder(decoder, num_decoder_layers, LayerNorm(d_model, eps, bias=bias))
        for matrix in [parameter for parameter in self.parameters() if parameter.ndim > 1]:
            matrix.write(init.glorot_uniform(matrix.shape, found["generator"]))

    def forward(self, src: Tensor, tgt: Tensor, **masks: Unpack[Masks]) -> Any:
        """What the decoder says at each place of tgt, having read src."""
        m = chosen("Transformer", _NO_MASKS, masks)
        memory = self.encoder(src, m["src_mask"], m["src_key_padding_mask"], m["src_is_causal"])
        own = (m["tgt_mask"], m["memory_mask"], m["tgt_key_padding_mask"], m["memory_key_padding_mask"])
        return self.decoder(tgt, memory, *own, m["tgt_is_causal"])
