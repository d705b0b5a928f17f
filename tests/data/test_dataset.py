from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import DataError, Dataset, Split, from_arrays, sequences, unlabelled
from descend.engine.errors import UsageError


def numbered(n: int) -> Split:
    return Split(np.arange(n, dtype=np.uint8)[:, None], np.arange(n))


@given(st.integers(2, 50), st.data())
def test_take_and_split_divide_the_examples_in_order(n, draw):
    k = draw.draw(st.integers(1, n - 1))
    whole = numbered(n)
    rest, last = whole.split(k)
    assert (len(rest), len(last)) == (n - k, k)
    assert np.concatenate([rest.y, last.y]).tolist() == whole.y.tolist()
    assert np.concatenate([rest.x, last.x]).tolist() == whole.x.tolist()
    assert whole.take(k).y.tolist() == list(range(k))


@pytest.mark.parametrize("n", [0, -1, 11, 2.5])
def test_take_and_split_refuse_what_is_not_there(n):
    with pytest.raises(UsageError):
        numbered(10).take(n)
    with pytest.raises(UsageError):
        numbered(10).split(n)


def test_split_leaves_something_to_train_on():
    assert len(numbered(10).take(10)) == 10
    with pytest.raises(UsageError):
        numbered(10).split(10)


def test_arrays_are_read_only_and_the_given_ones_are_not():
    x, y = np.zeros((3, 2)), np.zeros(3, np.int64)
    split = Split(x, y)
    with pytest.raises(ValueError, match="read-only"):
        split.x[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        split.y[0] = 1
    x[0] = 1
    assert split.x[0, 0] == 1, "the examples are not copied"


def test_lengths_must_agree():
    with pytest.raises(DataError, match="3 examples and 2 labels"):
        Split(np.zeros((3, 1)), np.zeros(2, int))


@given(st.integers(1, 20), st.sampled_from(["uint8", ">i2", "float32", ">f8"]))
def test_fingerprint_depends_on_the_values_alone(n, dtype):
    x = np.arange(2 * n).reshape(n, 2).astype(dtype)
    split = Split(x, np.arange(n))
    native = x.astype(x.dtype.newbyteorder("="))
    assert Split(native, np.arange(n, dtype=np.uint8)).fingerprint == split.fingerprint
    assert Split(np.asfortranarray(x), np.arange(n)).fingerprint == split.fingerprint
    assert Split(x[::-1][::-1], np.arange(n)).fingerprint == split.fingerprint


def test_fingerprint_sees_every_kind_of_change():
    x, y = np.arange(12, dtype=np.int16).reshape(4, 3), np.arange(4)
    variants = [
        (x, y),
        (x + (np.arange(12).reshape(4, 3) == 11).astype(np.int16), y),
        (x, y + (np.arange(4) == 3)),
        (x[::-1], y),
        (x[:3], y[:3]),
        (x.reshape(4, 3, 1), y),
        (x.astype(np.int32), y),
        (x.view(np.uint16), y),
    ]
    assert len({Split(*variant).fingerprint for variant in variants}) == len(variants)


def dataset(train: Split, test: Split, classes=("a", "b", "c")) -> Dataset:
    return Dataset("toy", train, test, classes, "made here", "none", "memory")


def test_a_dataset_fingerprint_tells_training_from_test():
    one, other = numbered(2), numbered(3)
    assert dataset(one, other).fingerprint == dataset(one, other).fingerprint
    assert dataset(one, other).fingerprint != dataset(other, one).fingerprint


def test_a_dataset_refuses_labels_without_a_class_and_unlike_splits():
    with pytest.raises(DataError, match="test split"):
        dataset(numbered(3), numbered(4))
    with pytest.raises(DataError, match="training split"):
        dataset(numbered(4), numbered(3))
    with pytest.raises(DataError, match="not of one kind"):
        dataset(numbered(3), Split(np.zeros((3, 2), np.uint8), np.arange(3)))
    with pytest.raises(DataError, match="not of one kind"):
        dataset(numbered(3), Split(np.zeros((3, 1), np.float32), np.arange(3)))


def test_from_arrays_takes_lists_and_names_classes_by_number():
    made = from_arrays([[1.0], [2.0]], [0, 1], [[3.0]], [2])
    assert made.classes == ("0", "1", "2")
    assert made.train.y.dtype == np.int64
    assert made.test.x.tolist() == [[3.0]]
    assert from_arrays([[1]], [0], [[1]], [1], classes=["no", "yes"]).classes == ("no", "yes")


GOOD = {"x_train": np.ones((4, 2)), "y_train": [0, 1, 2, 0], "x_test": np.ones((2, 2)), "y_test": [0, 2]}
BAD = {
    "x_train": [np.full((4, 2), np.nan), np.ones((3, 2)), np.ones((0, 2)), np.array([["a", "b"]] * 4)],
    "y_train": [[0, 1, 2], [0, 1, 2, -1], [0.0] * 4, [0, 1, 2, 3], np.eye(4, dtype=int)],
    "x_test": [np.full((2, 2), np.inf), np.ones((3, 2)), np.ones((2, 0))],
    "y_test": [[0], [0, -2], ["0", "1"], [0, 9]],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in BAD for value in BAD[name]])
def test_from_arrays_names_the_argument(name, value):
    with pytest.raises(DataError, match=name):
        from_arrays(**{**GOOD, name: value}, classes="abc")


def test_identity_numbers_are_not_taken_for_classes():
    with pytest.raises(DataError, match="class numbers"):
        from_arrays([[1.0]], [10**12], [[1.0]], [0])


def test_errors_cross_a_process_boundary():
    with pytest.raises(DataError) as caught:
        Split(np.zeros((3, 1)), np.zeros(2, int))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is DataError
    assert str(copy) == str(caught.value)


TEXTS = np.array(["one", "two words", "three"], object)
WAVES = [np.arange(n, dtype=np.float32) for n in (3, 5, 3)]

words = st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=5), min_size=1, max_size=8)


@given(words)
def test_texts_are_examples(items):
    split = Split(np.array(items, object), np.zeros(len(items), int))
    assert split.x.tolist() == items
    assert split.take(1).x[0] == items[0]
    assert Split(np.array(items), np.zeros(len(items), int)).x.dtype == object, "NumPy's own strings too"


@given(words, words)
def test_texts_have_the_same_fingerprint_exactly_where_they_are_equal(one, other):
    prints = [unlabelled(np.array(items, object)).fingerprint for items in (one, other)]
    assert (prints[0] == prints[1]) == (one == other)
    assert unlabelled(np.array(list(one), object)).fingerprint == prints[0]


def test_a_fingerprint_tells_where_one_text_or_sequence_ends():
    assert unlabelled(np.array(["ab", "c"])).fingerprint != unlabelled(np.array(["a", "bc"])).fingerprint
    one, other = (unlabelled(sequences(items)).fingerprint for items in ([[1, 2], [3]], [[1], [2, 3]]))
    assert one != other
    assert unlabelled(sequences([[1, 2], [3]])).fingerprint == one
    assert unlabelled(sequences([[1.0, 2], [3.0]])).fingerprint != one


def test_sequences_are_examples_that_differ_in_length():
    split = Split(sequences(WAVES), [0, 1, 2])
    assert [len(item) for item in split.x] == [3, 5, 3]
    assert split.split(1)[1].x[0].tolist() == [0, 1, 2]


@pytest.mark.parametrize("wrong", [["a", ""], ["a", 3], ["a", np.ones(2)]])
def test_what_is_no_text_is_refused_with_its_index(wrong):
    x = np.empty(2, object)
    x[:] = wrong
    with pytest.raises(DataError, match="no text") as error:
        unlabelled(x)
    assert "index 1" in error.value.given


def test_amounts_are_columns_and_nothing_is_no_column():
    assert Split(np.ones((3, 2)), [[0.5], [1.5], [2.5]]).y.shape == (3, 1)
    assert unlabelled(np.ones((3, 2))).y.shape == (3, 0)
    assert unlabelled(np.ones((3, 2))).take(2).fingerprint != unlabelled(np.ones((3, 2))).fingerprint
    for wrong in ([0.5, 1.5, 2.5], [[np.nan], [1.0], [2.0]], np.ones((2, 1))):
        with pytest.raises(DataError):
            Split(np.ones((3, 2)), wrong)


def test_splits_must_have_the_same_thing_to_predict():
    amounts = Split(np.ones((3, 1), np.uint8), np.ones((3, 1)))
    assert dataset(amounts, amounts, ()).classes == ()
    with pytest.raises(DataError, match="different things to predict"):
        dataset(amounts, numbered(3))
    assert from_arrays([[1.0]], [[0.5]], [[2.0]], [[1.5]]).classes == ()


@given(st.lists(st.integers(0, 9), min_size=1, max_size=9))
def test_examples_are_picked_by_their_index(indices):
    picked = numbered(10).pick(indices)
    assert picked.y.tolist() == indices
    assert picked.x[:, 0].tolist() == indices


def test_a_change_of_the_examples_leaves_the_labels():
    data = dataset(numbered(3), numbered(2)).map(lambda x: x + np.uint8(1))
    assert data.train.x.tolist() == [[1], [2], [3]]
    assert data.test.x.tolist() == [[1], [2]]
    assert data.train.y.tolist() == [0, 1, 2]


def test_unlike_sorts_of_example_do_not_go_together():
    texts, waves = unlabelled(TEXTS), unlabelled(sequences(WAVES))
    for one, other in ((texts, waves), (waves, unlabelled(np.ones((3, 3)))), (waves, unlabelled(sequences([[1]])))):
        with pytest.raises(DataError, match="not of one kind"):
            dataset(one, other, ())
    assert dataset(texts, texts, ()).test.x[0] == "one"


@given(st.integers(1, 40), st.integers(0, 9))
def test_a_shuffled_split_has_the_same_examples_in_an_order_that_stays(n, seed):
    one, again = numbered(n).shuffled(seed), numbered(n).shuffled(seed)
    assert sorted(one.y) == list(range(n))
    assert one.x[:, 0].tolist() == one.y.tolist() == again.y.tolist()
    assert n < 10 or one.y.tolist() != list(range(n))


def test_pictures_can_be_what_is_to_be_made():
    x = np.random.default_rng(0).random((12, 1, 4, 4))
    data = from_arrays(x[:8], x[:8], x[8:], x[8:])
    assert data.classes == ()
    assert data.train.take(3).y.shape == (3, 1, 4, 4)
    rest, kept = data.train.split(2)
    assert (rest.y.shape, kept.y.shape) == ((6, 1, 4, 4), (2, 1, 4, 4))
    with pytest.raises(DataError, match="different things to predict"):
        from_arrays(x[:8], x[:8], x[8:], x[8:, 0])
