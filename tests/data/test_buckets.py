from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import BucketLoader, Loader, Split, lengths, sequences


def ragged(n: int, seed: int = 0) -> Split:
    rng = np.random.default_rng(seed)
    return Split(sequences(np.full(rng.integers(1, 40), i) for i in range(n)), np.arange(n))


@given(st.integers(1, 120), st.integers(1, 9), st.integers(0, 2**64), st.integers(0, 99), st.booleans())
def test_an_epoch_is_each_example_once(n, size, seed, epoch, shuffle):
    loader = BucketLoader(ragged(n), size, seed=seed, shuffle=shuffle)
    assert sorted(loader.order(epoch)) == list(range(n))
    assert (
        loader.order(epoch).tolist() == BucketLoader(ragged(n), size, seed=seed, shuffle=shuffle).order(epoch).tolist()
    )


@given(st.integers(1, 60), st.integers(1, 9), st.data())
def test_a_resumed_epoch_is_exactly_the_tail(n, size, draw):
    loader = BucketLoader(ragged(n), size, seed=3)
    start = draw.draw(st.integers(0, len(loader)))
    whole = [y.tolist() for _, y in loader.epoch(1)]
    assert [y.tolist() for _, y in loader.epoch(1, start)] == whole[start:]


def padding(loader: Loader) -> int:
    held = [lengths(x) for x, _ in loader.epoch(0)]
    return sum(int((one.max() - one).sum()) for one in held)


def test_little_is_padded_and_the_order_stays_random():
    split = ragged(800)
    assert padding(BucketLoader(split, 16)) < padding(Loader(split, 16)) / 5
    firsts = {tuple(next(BucketLoader(split, 16).epoch(e))[1].tolist()) for e in range(5)}
    assert len(firsts) == 5
    means = [[lengths(x).mean() for x, _ in BucketLoader(split, 16).epoch(e)] for e in range(2)]
    ranks = [np.argsort(one).tolist() for one in means]
    assert ranks[0] != sorted(ranks[0]), "batches do not come from short to long"
    assert ranks[0] != ranks[1], "nor in the same order in every epoch"


def test_without_shuffle_everything_goes_from_short_to_long():
    loader = BucketLoader(ragged(50), 8, shuffle=False)
    held = np.concatenate([lengths(x) for x, _ in loader.epoch(0)])
    assert (np.diff(held) >= 0).all()


@pytest.mark.parametrize("n", [7, 8, 20])
def test_the_smaller_batch_comes_last(n):
    sizes = [len(y) for _, y in BucketLoader(ragged(n), 8).epoch(0)]
    assert sizes == [8] * (n // 8) + [n % 8] * (n % 8 > 0)
