from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import DataError, on_labels, one_hot


@given(st.lists(st.integers(0, 6), min_size=1))
def test_each_row_is_one_at_its_class(y):
    made = one_hot(np.array(y), 7)
    assert made.dtype == np.float32
    assert made.argmax(axis=1).tolist() == y
    assert (made.sum(axis=1) == 1).all()


def test_as_a_transform_it_leaves_the_examples_alone():
    x = np.zeros((2, 3))
    same, y = on_labels(3)(x, np.array([2, 0]))
    assert same is x
    assert y.tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize("y", [[3], [-1], [0.5]])
def test_what_is_no_class_is_refused(y):
    with pytest.raises(DataError):
        one_hot(np.array(y), 3)
