from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data.own.parting import part, parted


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("train", "train"),
        ("Training", "train"),
        ("test.csv", "test"),
        ("train-00000-of-00001.parquet", "train"),
        ("test_images.npy", "test"),
        ("val", "validation"),
        ("valid", "validation"),
        ("trainers", ""),
        ("cat", ""),
        ("contest", ""),
    ],
)
def test_names_say_what_a_part_is_for(name, want):
    assert part(name) == want


@given(st.lists(st.integers(0, 3), min_size=1, max_size=80))
def test_one_in_five_of_each_class_is_drawn(labels):
    y = np.array(labels)
    train, test = parted([""] * len(y), y)
    assert sorted([*train, *test]) == list(range(len(y)))
    assert (np.diff(test) > 0).all()
    counts = np.bincount(y[test], minlength=4)
    if len(y) >= 20:
        assert counts.tolist() == [n // 5 for n in np.bincount(y, minlength=4)]
    assert len(test) >= 1 or len(y) == 1
    again = parted([""] * len(y), y)[1]
    assert again.tolist() == test.tolist(), "always the same ones"


def test_the_training_examples_are_mixed_so_that_their_end_holds_every_class():
    y = np.repeat(np.arange(4), 100)
    for parts in ([""] * 400, ["train"] * 300 + ["test"] * 100):
        train, _ = parted(parts, y)
        assert set(y[train[-60:]]) == set(y[train])
        assert parted(parts, y)[0].tolist() == train.tolist()


def test_the_drawn_ones_are_not_simply_the_first_or_the_last():
    _, test = parted([""] * 100, np.zeros(100, int))
    assert len(test) == 20
    assert test.min() < 20
    assert test.max() > 80


@pytest.mark.parametrize("y", [np.zeros((10, 0)), np.random.default_rng(0).random((10, 2))])
def test_without_classes_one_in_five_of_all_is_drawn(y):
    train, test = parted([""] * 10, y)
    assert (len(train), len(test)) == (8, 2)


def test_what_the_files_say_holds():
    parts = ["test", "train", "train", "test", "train"]
    train, test = parted(parts, np.zeros(5, int))
    assert (sorted(train), test.tolist()) == ([1, 2, 4], [0, 3])


def test_validation_stands_at_the_end_of_the_training_examples():
    parts = ["validation", "train", "test", "train", "validation"]
    train, test = parted(parts, np.zeros(5, int))
    assert (sorted(train[:2]), train[2:].tolist(), test.tolist()) == ([1, 3], [0, 4], [2])


def test_validation_is_the_test_where_there_is_none():
    train, test = parted(["validation", "train"], np.zeros(2, int))
    assert (train.tolist(), test.tolist()) == ([1], [0])


def test_a_part_that_is_alone_is_divided():
    train, test = parted(["train"] * 10, np.zeros(10, int))
    assert (len(train), len(test)) == (8, 2)
