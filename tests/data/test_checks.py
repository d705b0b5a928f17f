from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import checks, load
from descend.data.errors import DataError
from descend.engine.errors import UsageError


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32", "float64", "bool"])
def test_real_numbers_pass_as_they_are(dtype):
    x = np.ones((3, 2), dtype)
    assert checks.features(x, "x") is x


@pytest.mark.parametrize(
    ("x", "reason"),
    [
        (np.zeros((0, 2)), "x is empty"),
        (np.zeros((4, 0)), "x is empty"),
        (np.zeros(3), "x has no axis of features"),
        (np.float32(1), "x has no axis of features"),
        (np.array([["a"], ["b"]]), "x holds no real numbers"),
        (np.zeros((2, 2), complex), "x holds no real numbers"),
        (np.array([[None], [1]]), "x holds no real numbers"),
        ([[1, 2], [3]], "x is not an array"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(x, reason):
    with pytest.raises(DataError, match=reason):
        checks.features(x, "x")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_first_value_that_is_not_a_number_is_named(value, dtype):
    x = np.zeros((5, 3, 2), dtype)
    x[2, 1, 0] = x[4, 0, 1] = value
    with pytest.raises(DataError) as error:
        checks.features(x, "x_train")
    assert "x_train" in error.value.problem
    assert error.value.given == f"{np.dtype(dtype).type(value)} at index (2, 1, 0), the first of 2"


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "uint64", ">i4"])
def test_labels_of_any_integer_type_become_int64(dtype):
    y = checks.labels(np.array([0, 3, 1], dtype), "y")
    assert y.dtype == np.int64
    assert y.tolist() == [0, 3, 1]


@pytest.mark.parametrize(
    ("y", "reason"),
    [
        ([], "y is empty"),
        ([0.0, 1.0], "y does not hold integers"),
        ([True, False], "y does not hold integers"),
        (["cat", "dog"], "y does not hold integers"),
        ([[0], [1]], "y is not one label per example"),
        (np.eye(3, dtype=int), "y is not one label per example"),
        ([0, -1, 2], "y holds a label out of range"),
    ],
)
def test_what_is_no_label_is_refused(y, reason):
    with pytest.raises(DataError, match=reason):
        checks.labels(y, "y")


@pytest.mark.parametrize("names", [np.array(["b", "a", "b"]), np.array(["b", "a", "b"], object)])
def test_names_in_the_place_of_labels_become_numbers_as_the_error_says(names):
    with pytest.raises(DataError) as error:
        checks.labels(names, "y_train in table.npz")
    held = {"np": np, "y_train": names}
    exec(error.value.fix.removeprefix("names become numbers by: "), held)
    assert checks.labels(held["y_train"], "y").tolist() == [1, 0, 1]


@given(st.lists(st.integers(0, 20), min_size=1), st.integers(1, 21))
def test_below_names_the_first_label_without_a_class(y, n_classes):
    wrong = [i for i, label in enumerate(y) if label >= n_classes]
    if wrong:
        with pytest.raises(DataError, match=f"label {y[wrong[0]]} at index {wrong[0]}\n"):
            checks.below(np.array(y), n_classes, "y")
    else:
        checks.below(np.array(y), n_classes, "y")


def test_a_difference_in_length_gives_both():
    with pytest.raises(DataError, match="5 examples and 4 labels"):
        checks.same_length(np.zeros((5, 1)), np.zeros(4, int), "x", "y")


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_whole_takes_every_integer(value):
    number = checks.whole(value, "n", 1, 3)
    assert number == 3
    assert type(number) is int


def test_whole_includes_both_bounds():
    assert checks.whole(1, "n", 1, 3) == 1
    assert checks.whole(3, "n", 1, 3) == 3
    assert checks.whole(10**9, "n", 1) == 10**9


@pytest.mark.parametrize(("value", "reason"), [(0, "n = 0"), (4, "n = 4"), (2.0, "2.0"), ("2", "'2'"), (None, "None")])
def test_whole_refuses_the_rest(value, reason):
    with pytest.raises(UsageError, match=reason):
        checks.whole(value, "n", 1, 3)


def test_examples_are_numbers_texts_or_sequences():
    for x in (np.ones((2, 3)), np.array(["a", "b"], object)):
        assert checks.examples(x, "x") is x
    assert checks.examples(["a", "b"], "x").dtype == object
    for wrong in ([], np.array([], object), np.array([["a"]], object), np.array([1, "a"], object)):
        with pytest.raises(DataError, match="x "):
            checks.examples(wrong, "x")


def test_targets_are_class_numbers_or_columns_of_amounts():
    assert checks.targets([0, 2], "y").dtype == np.int64
    assert checks.targets([[0.5], [1.5]], "y").shape == (2, 1)
    assert checks.targets(np.zeros((2, 1, 4, 4)), "y").shape == (2, 1, 4, 4), "pictures to be made of others"
    assert checks.targets(np.empty((3, 0)), "y").shape == (3, 0)
    for wrong in (np.empty((0, 2)), [[np.inf]], [0.5]):
        with pytest.raises(DataError, match="y "):
            checks.targets(wrong, "y")


def test_the_kind_is_what_may_not_differ_between_splits():
    assert checks.kind(np.ones((2, 3), np.uint8)) == checks.kind(np.ones((9, 3), np.uint8))
    assert checks.kind(np.ones((2, 3), np.uint8)) != checks.kind(np.ones((2, 3), np.int8))
    assert checks.kind(np.array(["a"], object)) == ("texts",)


def test_the_fix_is_code_for_an_array_from_a_file(tmp_path):
    place = tmp_path / "x.npz"
    for x, y, fix in (
        (np.ones((4, 2)), np.ones((4, 1), int), "y.ravel()"),
        (np.ones(4), np.ones(4), " x.reshape(-1, 1)"),
    ):
        np.savez(place, x=x, y=y)
        with pytest.raises(DataError) as refused:
            load(place)
        assert fix in refused.value.fix
        assert str(place) not in refused.value.fix
