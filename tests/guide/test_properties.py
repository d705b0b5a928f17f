"""What checks are built from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.guide.properties import DTYPES, SHAPES, arrays, close, furthest, is_array, number


def test_arrays_come_in_every_shape_and_type_and_in_every_order_of_memory() -> None:
    drawn = list(arrays(np.random.default_rng(0), 3))
    assert {x.dtype.type for x, *_ in drawn} == set(DTYPES)
    assert {x.shape for x, *_ in drawn} >= set(SHAPES)
    assert all(len(row) == 3 and len({(x.shape, x.dtype) for x in row}) == 1 for row in drawn)
    strides = {tuple(np.sign(x.strides)) for x, *_ in drawn if x.size > 1}
    assert any(-1 in signs for signs in strides)
    assert any(not x.flags.c_contiguous and not x.flags.f_contiguous for x, *_ in drawn)


def test_arrays_of_one_draw_are_independent() -> None:
    for x, y in arrays(np.random.default_rng(0), 2):
        assert not np.shares_memory(x, y)
        assert x.size == 0 or not np.array_equal(x, y)


@pytest.mark.parametrize("dtype", DTYPES)
def test_close_allows_rounding_and_no_more(dtype: type) -> None:
    x = np.array([1.0, 1000.0], dtype)
    unit = np.finfo(dtype).eps
    assert close(x * (1 + 4 * unit), x, x).all()
    assert not close(x * (1 + 64 * unit), x, x).any()
    assert not close(x * np.nan, x, x).any()
    assert close(x.astype(np.float16) * np.float16(1.001), x, x).all()
    assert not close(x.astype(int) + 1, x, x).any()
    assert close(np.zeros((0,), dtype), np.zeros((0,), dtype), np.zeros((0,), dtype)).all()


def test_close_measures_by_the_scale() -> None:
    # 1000.1 - 1000 is 0.1 only as well as 1000.1 can be held.
    assert close(1000.1 - 1000, np.array(0.1), np.array(2000.1))
    assert not close(1000.1 - 1000, np.array(0.1), np.array(0.1))


def test_furthest() -> None:
    assert furthest(np.array([[1.0, 2.0], [9.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 4.5]])) == (1, 0)


@pytest.mark.parametrize("answer", [1, 1.5, True, np.float32(1), np.zeros(3), np.zeros(3, int), np.zeros(2, complex)])
def test_numbers_are_arrays(answer: object) -> None:
    assert is_array(answer)


@pytest.mark.parametrize("answer", [None, ..., [1.0], (1.0,), "1", np.array(["1"]), np.array([None]), iter(())])
def test_other_things_are_not(answer: object) -> None:
    assert not is_array(answer)


@given(x=st.floats(-1e6, 1e6), y=st.floats(-1e6, 1e6))
def test_two_numbers_that_differ_are_shown_differently(x: float, y: float) -> None:
    if x != y:
        assert number(x, y) != number(y, x)


def test_a_number_alone_is_short() -> None:
    assert number(2.8000000000000003) == "2.8"
    assert number(1 / 3) == "0.3333"
