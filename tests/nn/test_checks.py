from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import ShapeError, UsageError
from descend.nn import checks
from tests.nn.refusal import Mistake, check


@given(st.integers(-5, 5), st.integers(-5, 5), st.sampled_from([0, 1]))
def test_a_pair_is_one_or_two_whole_numbers_from_the_least_up(a, b, least):
    for size, expected in ((a, (a, a)), ((a, b), (a, b)), ([a, b], (a, b)), (np.int64(a), (a, a))):
        if min(expected) >= least:
            assert checks.sizes("Layer", "size", size, 2, least) == expected
            assert {type(n) for n in checks.sizes("Layer", "size", size, 2, least)} == {int}
        else:
            given = f"size={size!r}"
            call = lambda size=size: checks.sizes("Layer", "size", size, 2, least)
            check(Mistake(call, UsageError, "Layer needs one or two", given, f"numbers from {least} up"))


@pytest.mark.parametrize("size", [True, 1.0, "3", None, (1, 2, 3), (1,), (1, 2.0), (1, None), np.ones(2)])
def test_nothing_else_is_a_pair(size):
    check(Mistake(lambda: checks.sizes("L", "size", size, 2), UsageError, "L needs", repr(size), "numbers from 1 up"))


@given(st.integers(-3, 3))
def test_counts_begin_at_one(n):
    if n >= 1:
        assert checks.counts("Layer", a=2, b=n, c=np.uint8(n)) is None
    else:
        check(Mistake(lambda: checks.counts("Layer", a=2, b=n), UsageError, "number for b", f"b={n}", "1, 2, 3"))


@given(st.floats(-2, 2))
def test_numbers_between_limits_that_belong_to_it(x):
    if -1 <= x <= 1:
        assert checks.between("L", "x", x, -1, 1) == x
    else:
        check(Mistake(lambda: checks.between("L", "x", x, -1, 1), UsageError, "another x", f"x={x}", "-1 <= x <= 1"))


@given(st.floats(-2, 2))
def test_probabilities_leave_out_one(p):
    if 0 <= p < 1:
        assert checks.probability("L", "p", p) == p
    else:
        check(Mistake(lambda: checks.probability("L", "p", p), UsageError, "probability", f"p={p}", "0 <= p < 1"))


@pytest.mark.parametrize("x", [None, "1", 1j, np.nan, np.ones(1)])
def test_what_is_no_number_is_neither(x):
    for call in (lambda: checks.between("L", "x", x, 0, 1), lambda: checks.probability("L", "x", x)):
        check(Mistake(call, UsageError, "L needs", f"x={x!r}", "0 <= x <"))


def test_channels_are_on_axis_1():
    checks.channels("Layer", (2, 3), 3, ("n", "c"))
    for shape, fix in (((2, 4), "Layer(4)"), ((2, 3, 1), "images (n, c, h, w)")):
        call = lambda shape=shape: checks.channels("Layer", shape, 3, ("n", "c"))
        check(Mistake(call, ShapeError, "does not fit", str(shape), "(n, 3)", fix))
