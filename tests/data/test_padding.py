from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import Loader, Split, lengths, on_examples, pad, sequences, with_lengths
from descend.engine.errors import ShapeError, UsageError

some = st.lists(st.lists(st.integers(-9, 9), min_size=1, max_size=9), min_size=1, max_size=6)


@given(some, st.integers(-3, 3))
def test_padding_keeps_every_value_and_fills_the_rest(items, value):
    x = sequences(items)
    padded = pad(x, value)
    assert padded.shape == (len(items), max(map(len, items)))
    for row, item in zip(padded, items, strict=True):
        assert row[: len(item)].tolist() == item
        assert (row[len(item) :] == value).all()
    assert lengths(x).tolist() == [len(item) for item in items]


@given(some, st.integers(1, 12))
def test_a_length_cuts_and_fills(items, length):
    for row, item in zip(pad(sequences(items), 7, length), items, strict=True):
        assert row.tolist() == (item + [7] * length)[:length]


@given(some)
def test_the_mask_says_what_belongs_to_a_sequence(items):
    batch, y = with_lengths(sequences(items), np.arange(len(items)))
    assert len(batch) == len(items) == len(y)
    assert batch.values[batch.mask].tolist() == [value for item in items for value in item]
    assert batch.mask.sum(axis=1).tolist() == batch.lengths.tolist()


def test_frames_of_features_are_padded_along_time():
    x = sequences([np.ones((2, 3)), np.ones((4, 3))])
    assert pad(x).shape == (2, 4, 3)
    assert pad(x).sum() == 18


@pytest.mark.parametrize("transform", [on_examples(pad), with_lengths])
def test_a_loader_pads_each_batch_for_itself(transform):
    split = Split(sequences([[1], [2, 2], [3, 3, 3], [4]]), np.arange(4))
    widths = [getattr(x, "values", x).shape for x, _ in Loader(split, 2, shuffle=False, transform=transform).epoch(0)]
    assert widths == [(2, 2), (2, 3)]


@pytest.mark.parametrize("x", [np.zeros((2, 3)), np.array(["ab", "c"], object)])
def test_what_is_no_sequence_is_refused(x):
    with pytest.raises(ShapeError, match="only sequences"):
        pad(x)


def test_a_list_is_told_how_to_become_sequences():
    with pytest.raises(ShapeError, match=r"a list(?s:.*)data\.sequences"):
        pad([np.ones(3), np.ones(5)])


@pytest.mark.parametrize("length", [0, -1, 2.5])
def test_a_length_is_a_whole_number(length):
    with pytest.raises(UsageError, match="length"):
        pad(sequences([np.ones(3), np.ones(5)]), length=length)
