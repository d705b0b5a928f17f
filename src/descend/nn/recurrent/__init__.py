"""Recurrent networks: cells that make one step, layers that read whole sequences."""

from descend.nn.recurrent.cells import GRUCell, LSTMCell, RNNCell
from descend.nn.recurrent.layers import GRU, LSTM, RNN
from descend.nn.recurrent.sequences import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
    unpad_sequence,
)
from descend.nn.recurrent.truncated import detached, truncated

__all__ = [
    "GRU", "GRUCell", "LSTM", "LSTMCell", "PackedSequence", "RNN", "RNNCell", "detached", "pack_padded_sequence",
    "pack_sequence", "pad_packed_sequence", "pad_sequence", "truncated", "unpack_sequence", "unpad_sequence",
]  # fmt: skip
