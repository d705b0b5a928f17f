from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend import nn
from descend.engine import ops


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_a_row_is_learned_as_often_as_it_was_looked_up(words):
    layer = nn.Embedding(6, 3)
    ops.sum(layer(np.array(words))).backward()
    assert np.array_equal(layer.weight.grad.numpy(), np.repeat(np.bincount(words, minlength=6)[:, None], 3, 1))


def test_it_is_a_linear_layer_of_one_hot_rows():
    layer, words = nn.Embedding(6, 3), np.array([[4, 0], [2, 2]])
    assert np.allclose(layer(words).numpy(), ops.one_hot(words, 6).numpy() @ layer.weight.numpy())


def test_padding_begins_as_nothing_and_is_not_learned():
    layer = nn.Embedding(6, 3, padding_idx=-1)
    assert not layer.weight.numpy()[5].any()
    layer.weight.write(np.ones((6, 3)))
    y = layer(np.array([5, 1]))
    ops.sum(y).backward()
    assert y.numpy().all()
    assert np.array_equal(np.flatnonzero(layer.weight.grad.numpy().any(1)), [1])


def test_a_bag_of_padding_only_is_nothing():
    for mode in ("sum", "mean", "max"):
        y = nn.EmbeddingBag(4, 2, mode, padding_idx=0)(np.array([[0, 0], [1, 0]])).numpy()
        assert not y[0].any()
        assert y[1].any()


def test_ready_made_rows_are_taken_as_they_are_and_frozen_unless_told_otherwise():
    rows = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    layer = nn.Embedding.from_pretrained(rows, padding_idx=0)
    assert np.array_equal(layer(np.arange(5)).numpy(), rows)
    assert not layer(np.arange(5)).requires_grad
    assert nn.Embedding.from_pretrained(rows, freeze=False)(np.arange(5)).requires_grad
    assert nn.EmbeddingBag.from_pretrained(rows)(np.array([[1, 2]])).shape == (1, 3)
