"""The transformer's encoder and decoder."""

from __future__ import annotations

import copy
from typing import Any, TypedDict, Unpack

from descend.engine import Generator, Tensor, UsageError
from descend.nn import checks
from descend.nn.activations import GELU, ReLU
from descend.nn.attention.heads import MultiheadAttention
from descend.nn.dropout import Dropout
from descend.nn.inspection import generators
from descend.nn.linear import Linear
from descend.nn.module import Module
from descend.nn.norm import LayerNorm
from descend.nn.settings import chosen


class Settings(TypedDict, total=False):
    """What is given to a transformer layer by name."""

    activation: str | Module
    layer_norm_eps: float
    batch_first: bool
    norm_first: bool
    bias: bool
    generator: Generator | None


_USUAL = {
    "activation": "relu", "layer_norm_eps": 1e-5, "batch_first": False, "norm_first": False, "bias": True,
    "generator": None,
}  # fmt: skip


class _TransformerLayer(Module):
    """Attention and a network of two linear layers, each with a residual connection and a normalisation."""

    sublayers = 2
    norm1: LayerNorm
    norm2: LayerNorm
    norm3: LayerNorm
    dropout1: Dropout
    dropout2: Dropout
    dropout3: Dropout

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int, dropout: float, settings: dict[str, Any]
    ) -> None:
        found = chosen(type(self).__name__, _USUAL, settings)
        self.norm_first, self.batch_first = bool(found["norm_first"]), bool(found["batch_first"])
        self.d_model = d_model
        self._found, self._dropout = found, dropout
        self.self_attn = self._attention(nhead)
        self._more_attention(nhead)
        bias, generator = found["bias"], found["generator"]
        self.linear1 = Linear(d_model, dim_feedforward, bias, generator=generator)
        self.dropout = Dropout(dropout, generator=generator)
        self.linear2 = Linear(dim_feedforward, d_model, bias, generator=generator)
        self.activation = _activation(type(self).__name__, found["activation"])
        self._norms()
        del self._found, self._dropout

    def _attention(self, nhead: int) -> MultiheadAttention:
        shared = {name: self._found[name] for name in ("bias", "batch_first", "generator")}
        return MultiheadAttention(self.d_model, nhead, dropout=self._dropout, **shared)

    def _more_attention(self, nhead: int) -> None:
        """What the decoder has besides."""

    def _norms(self) -> None:
        for i in range(1, self.sublayers + 1):
            norm = LayerNorm(self.d_model, self._found["layer_norm_eps"], bias=self._found["bias"])
            setattr(self, f"norm{i}", norm)
        for i in range(1, self.sublayers + 1):
            setattr(self, f"dropout{i}", Dropout(self._dropout, generator=self._found["generator"]))

    def _feed_forward(self, x: Tensor) -> Tensor:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))  # type: ignore[no-any-return]

    def described(self) -> str:
        """Where the normalisation is."""
        return "norm first" if self.norm_first else ""


def _activation(layer: str, activation: Any) -> Module:
    if isinstance(activation, Module):
        return activation
    checks.one_of(layer, "activation", activation, ("relu", "gelu"))
    return ReLU() if activation == "relu" else GELU()


class TransformerEncoderLayer(_TransformerLayer):
    """x + SelfAttention(x), then x + linear2(activation(linear1(x))), normalised.

    Args:
        nhead: heads of the attention.
        dim_feedforward: features between the two linear layers.
        dropout: of attention weights, inside the linear layers, and of what is added to x.
        activation: "relu", "gelu" or a module.
        norm_first: normalise what goes into attention and linear layers, rather than what comes out of the addition.
        batch_first: sequences are (n, t, d) rather than (t, n, d).

    Shapes: x (t, n, d_model), result the same. Parameters have PyTorch's names.
    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.1; norm first: Xiong et al. 2020, arXiv:2002.04745.
    Differs: from PyTorch in that what comes after dropout is given by name.
    """

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1, **settings: Unpack[Settings]
    ) -> None:
        super().__init__(d_model, nhead, dim_feedforward, dropout, dict(settings))

    def forward(
        self, src: Tensor, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False
    ) -> Tensor:
        """The sequence, each place having looked at all that its mask lets it see."""
        masks = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask, "is_causal": is_causal}

        def attention(x: Tensor) -> Tensor:
            return self.dropout1(self.self_attn(x, x, x, need_weights=False, **masks)[0])  # type: ignore[no-any-return]

        def network(x: Tensor) -> Tensor:
            return self.dropout2(self._feed_forward(x))  # type: ignore[no-any-return]

        x = src
        for norm, part in ((self.norm1, attention), (self.norm2, network)):
            x = x + part(norm(x)) if self.norm_first else norm(x + part(x))
        return x


class TransformerDecoderLayer(_TransformerLayer):
    """An encoder layer with attention to another sequence, the encoder's memory, in its middle.

    Arguments, source and differences: as for `TransformerEncoderLayer`. Shapes: tgt (t, n, d_model), memory
    (s, n, d_model); result as tgt.
    """

    sublayers = 3

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1, **settings: Unpack[Settings]
    ) -> None:
        super().__init__(d_model, nhead, dim_feedforward, dropout, dict(settings))

    def _more_attention(self, nhead: int) -> None:
        self.multihead_attn = self._attention(nhead)

    def forward(
        self, tgt: Tensor, memory: Tensor, tgt_mask: Any = None, memory_mask: Any = None,
        tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None, tgt_is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """The sequence, each place having looked at itself's and the memory's places that the masks let it see."""
        own = {"attn_mask": tgt_mask, "key_padding_mask": tgt_key_padding_mask, "is_causal": tgt_is_causal}
        other = {"attn_mask": memory_mask, "key_padding_mask": memory_key_padding_mask}

        def attention(x: Tensor) -> Tensor:
            return self.dropout1(self.self_attn(x, x, x, need_weights=False, **own)[0])  # type: ignore[no-any-return]

        def reading(x: Tensor) -> Tensor:
            y = self.multihead_attn(x, memory, memory, need_weights=False, **other)[0]
            return self.dropout2(y)  # type: ignore[no-any-return]

        def network(x: Tensor) -> Tensor:
            return self.dropout3(self._feed_forward(x))  # type: ignore[no-any-return]

        x = tgt
        for norm, part in ((self.norm1, attention), (self.norm2, reading), (self.norm3, network)):
            x = x + part(norm(x)) if self.norm_first else norm(x + part(x))
        return x


class _Stack(Module):
    """Copies of a layer, one after the other, and a normalisation at the end if there is one.

    The copies begin with the same weights, as in PyTorch.
    """

    def __init__(self, layer: Module, num_layers: int, norm: Module | None = None) -> None:
        name = type(self).__name__
        checks.counts(name, num_layers=num_layers)
        if not isinstance(layer, Module):
            raise UsageError(f"{name} is made of copies of a layer", given=type(layer).__name__, needed="a module",
                             fix="make one first, and pass it")  # fmt: skip
        self.layers = [_copied(layer) for _ in range(num_layers)]
        self.norm = norm

    def _ended(self, x: Tensor) -> Tensor:
        return x if self.norm is None else self.norm(x)


def _copied(layer: Module) -> Module:
    """A copy that draws from the same random streams: with copies of them all layers would drop the same places."""
    return copy.deepcopy(layer, {id(stream): stream for _, stream in generators(layer)})


class TransformerEncoder(_Stack):
    """Encoder layers one after the other. Shapes: as for `TransformerEncoderLayer`."""

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__(encoder_layer, num_layers, norm)

    def forward(self, src: Tensor, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False) -> Any:
        """The sequence after the last layer."""
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return self._ended(src)


class TransformerDecoder(_Stack):
    """Decoder layers one after the other, all with the same memory. Shapes: as for `TransformerDecoderLayer`."""

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__(decoder_layer, num_layers, norm)

    def forward(
        self, tgt: Tensor, memory: Tensor, tgt_mask: Any = None, memory_mask: Any = None,
        tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None, tgt_is_causal: bool = False,
    ) -> Any:  # fmt: skip
        """The sequence after the last layer."""
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask, tgt_is_causal)
        for layer in self.layers:
            tgt = layer(tgt, memory, *masks)
        return self._ended(tgt)
