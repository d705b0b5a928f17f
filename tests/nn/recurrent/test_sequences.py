from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend import nn
from descend.engine import ShapeError, Tensor, UsageError
from tests.nn.refusal import Mistake, check

rnn = torch.nn.utils.rnn


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


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=4), st.booleans(), st.sampled_from([0.0, -2.5]), st.integers(0, 3)
)
def test_unpacking_gives_pytorch_s_numbers_behind_the_ends(lengths, first, value, more):
    shape = (len(lengths), 6) if first else (6, len(lengths))
    x = np.random.default_rng(0).standard_normal((*shape, 2)).astype(np.float32)
    length = max(lengths) + more or None
    packed = nn.pack_padded_sequence(x, lengths, first, enforce_sorted=False)
    theirs = rnn.pack_padded_sequence(torch.from_numpy(x), torch.tensor(lengths), first, enforce_sorted=False)
    found, ends = nn.pad_packed_sequence(packed, first, value, length)
    expected, others = rnn.pad_packed_sequence(theirs, first, value, length)
    assert np.array_equal(found.numpy(), expected.numpy())
    assert ends.tolist() == others.tolist()
    parts = zip(
        nn.unpack_sequence(packed), nn.unpad_sequence(x, lengths, first), rnn.unpack_sequence(theirs), strict=True
    )
    for part, again, other in parts:
        assert np.array_equal(part.numpy(), other.numpy())
        assert np.array_equal(again.numpy(), other.numpy())


def test_the_longest_first_where_that_is_asked_for():
    x = np.zeros((5, 3, 2), np.float32)
    assert nn.pack_padded_sequence(x, [5, 2, 2], enforce_sorted=True).lengths.tolist() == [5, 2, 2]
    call = lambda: nn.pack_padded_sequence(x, [2, 5, 2], enforce_sorted=True)
    check(Mistake(call, UsageError, "longest first", "[2, 5, 2]", "[5, 2, 2]", "leave enforce_sorted out"))
    sequences = [np.zeros((2, 1), np.float32), np.zeros((3, 1), np.float32)]
    call = lambda: nn.pack_sequence(sequences, enforce_sorted=True)
    check(Mistake(call, UsageError, "longest first", "[2, 3]", "[3, 2]"))


def test_a_total_length_has_room_for_the_longest():
    packed = nn.pack_padded_sequence(np.zeros((5, 2, 2), np.float32), [3, 1])
    call = lambda: nn.pad_packed_sequence(packed, total_length=2)
    check(Mistake(call, ShapeError, "total_length", "2", "3 or more"))


def test_packed_sequences_know_their_lengths():
    packed = nn.pack_sequence([np.ones((3, 2), np.float32), np.ones((1, 2), np.float32)])
    assert packed.lengths.tolist() == [3, 1]
    assert packed.data.shape == (3, 2, 2)
    y, _ = nn.GRU(2, 4)(packed)
    assert isinstance(y, nn.PackedSequence)
    assert isinstance(y.data, Tensor)
