from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import DataError, Loader, Split, from_arrays, on_examples, pad, scale, sequences, unlabelled
from descend.data.text import Vocabulary
from descend.engine import philox
from descend.engine.errors import UsageError


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def numbered(n: int) -> Split:
    return Split(np.stack([np.arange(n), -np.arange(n)], axis=1), np.arange(n))


def labels(batches) -> list[list[int]]:
    return [y.tolist() for _, y in batches]


def joined(batches) -> list[int]:
    return [label for _, y in batches for label in y.tolist()]


sizes = {
    "n": st.integers(1, 60),
    "size": st.integers(1, 25),
    "seed": st.integers(0, 2**64),
    "epoch": st.integers(0, 99),
}


@given(**sizes, shuffle=st.booleans(), prefetch=st.integers(0, 3))
def test_an_epoch_is_each_example_once_in_batches_of_the_size(n, size, seed, epoch, shuffle, prefetch):
    loader = Loader(numbered(n), size, shuffle=shuffle, seed=seed, prefetch=prefetch)
    batches = list(loader.epoch(epoch))
    assert len(batches) == len(loader)
    assert [len(y) for _, y in batches[:-1]] == [size] * (len(loader) - 1)
    assert 1 <= len(batches[-1][1]) <= size
    assert sorted(np.concatenate([y for _, y in batches])) == list(range(n))
    for x, y in batches:
        assert np.array_equal(x, np.stack([y, -y], axis=1)), "labels stay with their examples"


@given(**sizes, draw=st.data(), drop_last=st.booleans())
def test_a_resumed_epoch_is_exactly_the_tail(n, size, seed, epoch, draw, drop_last):
    size = min(n, size)
    loader = Loader(numbered(n), size, seed=seed, drop_last=drop_last)
    start = draw.draw(st.integers(0, len(loader)))
    again = Loader(numbered(n), size, seed=seed, drop_last=drop_last, prefetch=0)
    assert labels(again.epoch(epoch, start)) == labels(loader.epoch(epoch))[start:]


@given(**sizes)
def test_the_order_depends_on_seed_and_epoch_alone(n, size, seed, epoch):
    loader = Loader(numbered(n), size, seed=seed)
    order = philox.permutation(n, seed, stream=epoch).tolist()
    list(loader.epoch(epoch + 1))
    assert joined(loader.epoch(epoch)) == order


def test_epochs_and_seeds_differ_and_without_shuffle_they_do_not():
    orders = {tuple(Loader(numbered(50), 10, seed=s).order(e)) for s in range(3) for e in range(3)}
    assert len(orders) == 9
    plain = Loader(numbered(50), 7, shuffle=False)
    assert joined(plain.epoch(0)) == joined(plain.epoch(5)) == list(range(50))


@given(st.integers(1, 60), st.integers(1, 60))
def test_drop_last_leaves_full_batches_only(n, size):
    if n < size:
        with pytest.raises(UsageError, match="drop_last"):
            Loader(numbered(n), size, drop_last=True)
    else:
        loader = Loader(numbered(n), size, drop_last=True)
        assert [len(y) for _, y in loader.epoch(0)] == [size] * (n // size) == [size] * len(loader)


def test_two_epochs_may_run_at_once():
    loader = Loader(numbered(20), 3)
    pairs = list(zip(loader.epoch(0), loader.epoch(1), strict=True))
    assert [one[1].tolist() for one, _ in pairs] == labels(loader.epoch(0))
    assert [other[1].tolist() for _, other in pairs] == labels(loader.epoch(1))


@pytest.mark.parametrize("shuffle", [True, False])
def test_batches_are_fresh_arrays(shuffle):
    split = numbered(6)
    for x, y in Loader(split, 6, shuffle=shuffle).epoch(0):
        x[:] = 7
        y[:] = 7
    assert split.y.tolist() == list(range(6))


def test_the_transform_sees_each_batch():
    split = Split(np.full((5, 1, 2, 2), 51, np.uint8), np.arange(5))
    loader = Loader(split, 2, transform=on_examples(scale))
    assert all(x.dtype == np.float32 and np.allclose(x, 0.2) for x, _ in loader.epoch(0))


@pytest.mark.parametrize("prefetch", [0, 2])
def test_an_error_in_the_transform_reaches_the_consumer(prefetch):
    def broken(x, y):
        raise ArithmeticError("in the transform")

    with pytest.raises(ArithmeticError, match="in the transform"):
        next(Loader(numbered(5), 2, transform=broken, prefetch=prefetch).epoch(0))


def test_a_transform_must_take_both_and_keep_their_lengths():
    with pytest.raises(UsageError, match="on_examples"):
        Loader(numbered(5), 2, transform=scale)
    with pytest.raises(DataError, match="after the transform"):
        list(Loader(numbered(5), 2, transform=lambda x, y: (x[:1], y)).epoch(0))


@pytest.mark.parametrize("error", [IndexError, KeyboardInterrupt])
def test_a_consumer_that_stops_leaves_no_thread(error):
    def consume() -> None:
        for _ in Loader(numbered(100), 1).epoch(0):
            raise error

    with pytest.raises(error):
        consume()
    for _ in Loader(numbered(100), 1).epoch(0):
        break
    Loader(numbered(100), 1).epoch(0)


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 0},
        {"batch_size": -1},
        {"batch_size": 2.0},
        {"batch_size": 2, "prefetch": -1},
        {"batch_size": 2, "seed": -1},
        {"batch_size": 2, "seed": "0"},
    ],
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(UsageError, match=list(settings)[-1]):
        Loader(numbered(5), **settings)


@pytest.mark.parametrize(("position", "name"), [((-1, 0), "epoch"), ((0, -1), "start"), ((0, 4), "start")])
def test_positions_out_of_range_are_refused_at_once(position, name):
    with pytest.raises(UsageError, match=name):
        Loader(numbered(5), 2).epoch(*position)


def test_a_loader_used_as_a_list_of_batches_says_how_to_go_through_it():
    loader = Loader(Split(np.zeros((3, 2), np.float32), np.zeros(3, np.int64)), 2)
    with pytest.raises(UsageError, match=r"loader\.epoch"):
        iter(loader)


def test_a_whole_data_set_is_no_split():
    with pytest.raises(UsageError, match=r"data\.train"):
        Loader(from_arrays(np.zeros((3, 2)), [0, 1, 0], np.zeros((1, 2)), [1]), 2)  # type: ignore[arg-type]


@pytest.mark.parametrize("prefetch", [0, 2])
def test_texts_become_batches_of_numbers(prefetch):
    split = Split(np.array(["ab", "b", "aab", "ba"], object), [0, 1, 0, 1]).map(Vocabulary.characters("ab"))
    loader = Loader(split, 2, shuffle=False, transform=on_examples(pad), prefetch=prefetch)
    assert [x.tolist() for x, _ in loader.epoch(0)] == [[[0, 1], [1, 0]], [[0, 0, 1], [1, 0, 0]]]


def test_sequences_are_given_as_they_are_without_a_transform():
    for x, y in Loader(Split(sequences([[1], [2, 3], [4]]), [0, 1, 2]), 2, shuffle=False).epoch(0):
        assert x.dtype == object
        assert [item[0] for item in x] == [[1, 2, 4][k] for k in y]


def test_amounts_and_nothing_are_given_as_columns():
    amounts = Split(np.ones((3, 2)), np.arange(3.0)[:, None])
    assert [y.shape for _, y in Loader(amounts, 2).epoch(0)] == [(2, 1), (1, 1)]
    assert [y.shape for _, y in Loader(unlabelled(np.ones((3, 2))), 2).epoch(0)] == [(2, 0), (1, 0)]
