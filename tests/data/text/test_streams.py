from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import DataError, text
from descend.data.text import Streams
from descend.engine.errors import UsageError

shapes = {"n": st.integers(2, 200), "size": st.integers(1, 8), "steps": st.integers(1, 12)}


def streams(n: int, size: int, steps: int) -> Streams | None:
    if (n - 1) // size < steps:
        with pytest.raises(DataError, match="too short"):
            Streams(np.arange(n), size, steps)
        return None
    return Streams(np.arange(n), size, steps)


@given(**shapes)
def test_the_next_number_is_what_is_to_be_predicted(n, size, steps):
    made = streams(n, size, steps)
    for x, y in made.epoch(0) if made else ():
        assert x.shape == y.shape == (size, steps)
        assert (y == x + 1).all()


@given(**shapes)
def test_a_row_goes_on_where_it_ended(n, size, steps):
    made = streams(n, size, steps)
    if made is None:
        return
    rows = np.concatenate([x for x, _ in made.epoch(0)], axis=1)
    assert rows.shape == (size, len(made) * steps)
    assert (np.diff(rows, axis=1) == 1).all()
    assert len(np.unique(rows)) == rows.size, "no number is read twice"
    assert n - rows.size <= size * steps + size, "little is left out"


@given(st.integers(0, 4), st.integers(0, 9))
def test_a_resumed_epoch_is_exactly_the_tail(start, epoch):
    made = Streams(np.arange(41), 2, 5)
    assert len(made) == 4
    whole = [x.tolist() for x, _ in made.epoch(0)]
    assert [x.tolist() for x, _ in made.epoch(epoch, start)] == whole[start:]


def test_batches_are_fresh_arrays():
    ids = np.arange(21)
    made = Streams(ids, 2, 5)
    for x, y in made.epoch(0):
        x[:], y[:] = 0, 0
    assert next(made.epoch(0))[0].tolist() == [[0, 1, 2, 3, 4], [10, 11, 12, 13, 14]]


@pytest.mark.parametrize(("size", "steps"), [(0, 1), (1, 0), (1.5, 1)])
def test_sizes_out_of_range_are_refused(size, steps):
    with pytest.raises(UsageError):
        Streams(np.arange(10), size, steps)


def test_the_example_of_the_package_runs():
    outcome = doctest.testmod(text)
    assert outcome.attempted >= 4
    assert outcome.failed == 0
