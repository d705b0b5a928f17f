from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend import nn
from descend.engine import Tensor


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.booleans(), st.floats(-2, 2, width=32))
def test_padding_agrees_with_pytorch(lengths, first, value):
    parts = [np.full((n, 2), i + 1, np.float32) for i, n in enumerate(lengths)]
    found = nn.pad_sequence(parts, first, value).numpy()
    expected = torch.nn.utils.rnn.pad_sequence([torch.from_numpy(part) for part in parts], first, value)
    assert np.array_equal(found, expected.numpy())


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.booleans(), st.booleans())
def test_packing_and_padding_undo_each_other(lengths, packed_first, padded_first):
    parts = [np.full((n, 2), i + 1, np.float32) for i, n in enumerate(lengths)]
    x = nn.pad_sequence(parts, packed_first)
    wide = nn.pack_padded_sequence(np.pad(x.numpy(), [(0, 3)] * 2 + [(0, 0)]), [*lengths, 1, 1, 1], packed_first)
    data, found = nn.pad_packed_sequence(wide, padded_first)
    data = data.numpy() if padded_first else data.numpy().swapaxes(0, 1)
    assert list(found) == [*lengths, 1, 1, 1]
    assert data.shape[1] == max(lengths)
    assert all(np.array_equal(row[:n], part) for row, n, part in zip(data, lengths, parts, strict=False))


def test_packed_sequences_know_their_lengths():
    packed = nn.pack_sequence([np.ones((3, 2), np.float32), np.ones((1, 2), np.float32)])
    assert packed.lengths.tolist() == [3, 1]
    assert packed.data.shape == (3, 2, 2)
    y, _ = nn.GRU(2, 4)(packed)
    assert isinstance(y, nn.PackedSequence)
    assert isinstance(y.data, Tensor)
